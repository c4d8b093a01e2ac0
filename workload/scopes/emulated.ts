import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { bootMemory, LAYOUT } from './emulated-memory.ts';
import { bareMachine, smmu } from './hardware.ts';
import type { Scope } from './scope.ts';

const { idr, iidr, aidr } = smmu('vsmmu');
const [IDR0 = 0, IDR1 = 0, IDR2 = 0, IDR3 = 0, IDR4 = 0, IDR5 = 0] = idr;

/** A machine that has an emulated SMMUv3, and nothing that the model otherwise knows. */
export function emulatedPlatform(emulated: EmulatedHardware): Platform {
  return { ...bareMachine('emulated'), emulated };
}

export const emulated: Scope = {
  name: 'emulated',
  summary:
    "A VMM's emulated SMMUv3, bit by bit, with the guest memory that it walks: stream tables of both kinds, CDs, tables of two stages, caches, queues and reset.",
  adversary: 'guest',
  platform: emulatedPlatform({
    registers: { IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR: iidr, AIDR: aidr },
    memory: bootMemory(LAYOUT),
  }),
};
