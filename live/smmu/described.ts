import type { Call } from '../../model/call.ts';
import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import { emulatedPlatform } from '../../workload/scopes/emulated.ts';
import type { LiveSequence } from '../step.ts';
import type { Described } from '../target.ts';

/** A machine with an emulated SMMUv3, and no device that VFIO has. */
export function describedAs(hardware: EmulatedHardware, summary: string): Described {
  return {
    platform: emulatedPlatform(hardware),
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
