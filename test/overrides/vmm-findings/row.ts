import type { Call } from '../../../model/call.ts';

/**
 * One way in which a VMM does not do what its guest is promised, as it was seen or read: in the design as a whole these calls
 * show it, and under the intended rules they do not.
 */
export interface Row {
  /** What it is about, and which case of it: `smmuen: set over a table of zeros`. */
  readonly what: string;
  readonly property: string;
  readonly scope: string;
  /** The platform of that scope, changed: `smmu0.IDR3.HAD=0`. */
  readonly set?: readonly string[];
  /** A kernel other than the intended one that it takes. */
  readonly kernel?: string;
  /** How many commands it takes where it was seen or read, if that is a sequence. */
  readonly within?: number;
  readonly calls: readonly Call[];
  /** What is said of it, in part. */
  readonly says: string;
}
