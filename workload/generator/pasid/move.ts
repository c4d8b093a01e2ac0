import type { Call } from '../../../model/call.ts';
import type { PasidMachine } from '../../../model/pasid/machine.ts';
import type { PasidPlatform, Unit } from '../../../model/platform/pasid.ts';
import type { World } from '../../../model/world/world.ts';
import type { Draw } from '../choice.ts';

/** One unit as its operator, its guest and the device see it: what a sensible next step can be about. */
export interface PasidView {
  readonly world: World;
  readonly platform: PasidPlatform;
  readonly machine: PasidMachine;
  readonly index: number;
  readonly unit: Unit;
}

/** One kind of sensible next step. */
export interface PasidMove {
  /** How much it is worth now against the others. */
  weight(view: PasidView): number;
  make(view: PasidView, draw: Draw): Call;
}
