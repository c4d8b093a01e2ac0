import type { Platform } from '../../model/platform/platform.ts';
import type { Emulation } from './emulation.ts';
import { SMMU_EMULATION } from './smmu/emulation.ts';
import { VTD_EMULATION } from './vtd/emulation.ts';

/** @throws Error where there is none. */
export function emulationOf({ emulated, emulatedVtd }: Platform): Emulation {
  if (emulated !== undefined) return SMMU_EMULATION;
  if (emulatedVtd !== undefined) return VTD_EMULATION;
  throw new Error('a platform with an emulated IOMMU');
}
