import type { Call } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { LiveSequence } from '../step.ts';
import type { Described } from '../target.ts';

/** A machine with an emulated IOMMU, and no device that VFIO has. */
export function describedAs(platform: Platform, summary: string): Described {
  return {
    platform,
    meta: { seq: 0, section: '', ev: 'meta' },
    setups: [],
    cdevs: new Map(),
    dmaDevices: [],
    summary,
  };
}

/** All that is done to such a machine are calls. */
export function callsOf(sequence: LiveSequence): readonly Call[] {
  return sequence.flatMap((step) => (step.kind === 'call' ? [step.call] : []));
}
