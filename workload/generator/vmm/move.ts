import type { Call } from '../../../model/call.ts';
import type { Draw } from '../choice.ts';
import type { VmView } from './view.ts';

/** One kind of sensible next step of an operator, a guest or a device. */
export interface VmMove {
  /** How much it is worth now against the others. */
  weight(view: VmView): number;
  make(view: VmView, draw: Draw): Call;
}
