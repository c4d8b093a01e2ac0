import type { EmulatedHardware, GuestRam } from '../../../model/platform/emulated.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import type { QtestMachine } from '../../emulated/machine.ts';
import { SMMU_MACHINE } from '../../smmu/machine.ts';
import { VTD_MACHINES } from '../../vtd/machine.ts';

/** The machine of QEMU's that a platform describes; null: none. */
export function machineOf({ emulated, emulatedVtd }: Platform): QtestMachine | null {
  if (emulated !== undefined) return isIn(emulated.ram, SMMU_MACHINE) ? SMMU_MACHINE : null;
  if (emulatedVtd === undefined) return null;
  const machine = VTD_MACHINES.find((each) => each.has(emulatedVtd));
  return machine !== undefined && isIn(emulatedVtd.ram, machine) ? machine : null;
}

/** Whether memory is where the machine has it. */
function isIn(ram: EmulatedHardware['ram'], { ram: own, stamped }: QtestMachine): boolean {
  return ram?.end === own.end && isEqual(ram.stamped, stamped);
}

function isEqual(a: GuestRam['stamped'], b: QtestMachine['stamped']): boolean {
  return a?.first === b.first && a.end === b.end;
}
