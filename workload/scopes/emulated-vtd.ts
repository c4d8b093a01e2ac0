import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { bareMachine } from './hardware.ts';

/** A machine that has an emulated remapping unit of VT-d, and nothing that the model otherwise knows. */
export function emulatedVtdPlatform(emulatedVtd: EmulatedVtdHardware): Platform {
  return { ...bareMachine('emulated-vtd'), emulatedVtd };
}
