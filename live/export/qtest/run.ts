import type { Seen } from '../../../conformance/emulated/lines.ts';
import type { Call } from '../../../model/call.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import type { Rules } from '../../../model/rules.ts';

/** A run of an emulated IOMMU, and what a program is to assert of it. */
export interface EmulatedRun {
  readonly platform: Platform;
  readonly steps: readonly { readonly call: Call; readonly seen: Seen }[];
  /** By which it is known where the next slot of a queue is. */
  readonly rules: Rules;
}
