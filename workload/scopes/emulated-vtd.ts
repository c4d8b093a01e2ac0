import type { EmulatedVtdHardware } from '../../model/platform/emulated-vtd.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { VTD_RAM, VTD_SOURCES, VTD_STAMPED, vtdBootMemory } from './emulated-vtd-memory.ts';
import { bareMachine } from './hardware.ts';
import type { Scope } from './scope.ts';

/** A machine that has an emulated remapping unit of VT-d, and nothing that the model otherwise knows. */
export function emulatedVtdPlatform(emulatedVtd: EmulatedVtdHardware): Platform {
  return { ...bareMachine('emulated-vtd'), emulatedVtd };
}

export const emulatedVtd: Scope = {
  name: 'emulated-vtd',
  summary:
    "A VMM's emulated remapping unit of VT-d, bit by bit, with the guest memory that it walks: root, context and PASID tables of both modes, first-stage tables, caches, registers, invalidation queue and reset.",
  adversary: 'guest',
  platform: emulatedVtdPlatform({
    // Those of QEMU 11.1.3's unit in scalable mode, with first-stage tables.
    ...{ cap: 0x81d2_008c_222f_0606n, ecap: 0x8800_00f0_0f4an, hostAddressWidth: 48 },
    sourceIds: VTD_SOURCES,
    memory: vtdBootMemory('first', 4),
    ram: { ...VTD_RAM, stamped: VTD_STAMPED },
  }),
};
