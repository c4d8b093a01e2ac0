import type { GuestWords } from '../../platform/emulated.ts';
import type { EmulatedVtdHardware } from '../../platform/emulated-vtd.ts';
import { vtdUnitOf } from '../architecture/unit.ts';
import { type QemuVtd, qemuVtd } from '../qemu/unit.ts';
import { RESET_REGISTERS, type VtdRegisters } from './registers.ts';

declare module '../../world/world.ts' {
  interface World {
    /** Null where the platform has no emulated remapping unit. */
    readonly emulatedVtd: EmulatedVtd | null;
  }
}

export interface EmulatedVtd {
  /** What the unit translates by, under the rules in force. */
  readonly vtd: QemuVtd;
  readonly registers: VtdRegisters;
  readonly memory: GuestWords;
}

export function bootEmulatedVtd(hardware: EmulatedVtdHardware): EmulatedVtd {
  return { ...resetVtd(hardware), memory: hardware.memory };
}

/** A unit as after a reset: legacy mode, nothing translated, nothing cached. */
export function resetVtd(hardware: EmulatedVtdHardware): Pick<EmulatedVtd, 'vtd' | 'registers'> {
  const unit = vtdUnitOf(hardware);
  return {
    vtd: qemuVtd(unit, hardware.sourceIds, { mode: 'legacy', address: 0n }, false),
    registers: RESET_REGISTERS,
  };
}
