import { readGuest } from '../../model/vmm/memory.ts';
import { ringOf, slotAt } from '../../model/vmm/ring.ts';
import type { Vm } from '../../model/vmm/vm.ts';
import { hexOfBytes, overwrite } from '../hex.ts';
import type { System } from '../linux/system.ts';
import type { LineOf } from './lines.ts';

/** Where QEMU's first vSMMU has its registers, and how far from it the next. */
const FIRST_SMMU = 0xc00_0000n;
const SMMU_STEP = 0x2_0000n;

/** Which vSMMU has its registers there. */
export function vsmmuAtBase(base: string): number {
  return Number((BigInt(base) - FIRST_SMMU) / SMMU_STEP);
}

function vmOf({ world }: System): Vm {
  return world.vms[0] as Vm;
}

const CR0_IMPLEMENTED = 0x3df;

/** What a guest reads in a register; null: it is not modelled. */
export function registerOf(system: System, { reg, smmu }: LineOf<'guest-read'>): string | null {
  const vsmmu = vmOf(system).vsmmus[vsmmuAtBase(smmu)];
  if (vsmmu === undefined) return null;
  const { control, cr0, gbpa, registers } = vsmmu;
  const known: Readonly<Record<string, number | bigint | null>> = {
    ...control,
    ...registers,
    CR0: cr0,
    CR0ACK: cr0 & CR0_IMPLEMENTED,
    GBPA: gbpa,
    IRQ_CTRLACK: control.IRQ_CTRL,
    twoLevels: null,
  };
  const value = Object.hasOwn(known, reg) ? known[reg] : null;
  return value === null || value === undefined ? null : `0x${value.toString(16)}`;
}

const RECORD_WORDS = 4;

/** A record in a guest's event queue, by its index. */
export function eventAt(system: System, vsmmu: number, index: number): string {
  const vm = vmOf(system);
  const control = vm.vsmmus[vsmmu]?.control;
  if (control === undefined) return '';
  const ring = ringOf(control.EVENTQ_BASE, 0, 0, false);
  const address = slotAt(ring, index, RECORD_WORDS);
  const words: bigint[] = [];
  for (let word = 0; word < RECORD_WORDS; word++)
    words.push(readGuest(vm.memory, address + BigInt(8 * word)));
  const bytes = new Uint8Array(8 * RECORD_WORDS);
  overwrite(bytes, words);
  return hexOfBytes(bytes);
}
