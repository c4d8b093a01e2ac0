import type { Call } from '../../model/call.ts';
import type { Result } from '../../model/world/result.ts';
import type { LiveStep } from '../step.ts';

/** A step, and what a program is to assert of it; null: nothing. */
export interface Asserted {
  readonly step: LiveStep;
  readonly result: Result | null;
  /** Of a load: what is to be there, in hexadecimal. */
  readonly bytes?: string;
}

const OF_A_PROCESS = 'only what a process calls on iommufd and VFIO, its memory and its devices can';

/** A call that a program cannot make: what it is, in one line. */
export class ExportError extends Error {
  override readonly name = 'ExportError';

  constructor(call: Call | string, fits = OF_A_PROCESS) {
    const what = typeof call === 'string' ? call : `${call.actor} does ${call.command}`;
    super(`cannot be exported: ${what}; ${fits}`);
  }
}
