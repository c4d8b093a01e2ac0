import { decode, update } from '../../spec/bits.ts';
import { idr0, idr1, StreamTableLevel } from '../../spec/smmuv3/id-registers.ts';
import { gbpa, StreamTableFormat, strtabBaseCfg } from '../../spec/smmuv3/registers.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import type { ReadMemory64 } from '../smmu/architecture/access.ts';
import type { Words } from '../world/command.ts';
import type { World } from '../world/world.ts';
import { SMMUEN } from './control.ts';
import { isRam } from './iommufd.ts';
import { readGuest } from './memory.ts';
import { type Vmm, vmOf } from './process.ts';
import { findSte, type SteFound, type TableRegisters } from './table.ts';
import type { Vsmmu } from './vm.ts';
import { vsmmuAt } from './vsmmu.ts';

/** What a VMM takes a guest to ask for a stream. */
export type Asked =
  | { readonly kind: 'abort' }
  | { readonly kind: 'bypass' }
  /** Its own stage 1, with this entry. */
  | { readonly kind: 'translate'; readonly words: Words }
  /** Nothing that it could ask. */
  | { readonly kind: 'illegal'; readonly words: Words }
  | { readonly kind: 'missing'; readonly fetchFailed: boolean };

/** What a device can be put on. */
export type Placeable = Exclude<Asked, { readonly kind: 'illegal' | 'missing' }>;

export const ASKS_ABORT: Placeable = Object.freeze({ kind: 'abort' });
export const ASKS_BYPASS: Placeable = Object.freeze({ kind: 'bypass' });

export function isEnabled({ cr0 }: Vsmmu): boolean {
  return (cr0 & SMMUEN) !== 0;
}

/** What GBPA says, while SMMUEN is 0. */
export function askedByGbpa(vsmmu: Vsmmu): Placeable {
  return decode(gbpa, [BigInt(vsmmu.gbpa)]).ABORT === 1 ? ASKS_ABORT : ASKS_BYPASS;
}

/** Reads the memory of a machine of the world; undefined where it has none. */
export function guestReader(world: World, index: number): ReadMemory64 {
  const { memory } = world.vms[index] ?? { memory: [] };
  return (address) => (isRam(world, index, address) ? readGuest(memory, address) : undefined);
}

function sidSizeOf({ registers }: Vsmmu): number {
  const { IDR1 } = registers ?? EMULATED_REGISTERS;
  return decode(idr1, [BigInt(IDR1)]).SIDSIZE;
}

/** What says where a stream table is; without two-level tables STRTAB_BASE_CFG.FMT is RES0, and all are linear (6.3.25). */
export function tableRegisters({ control, registers }: Vsmmu): TableRegisters {
  const { IDR0 } = registers ?? EMULATED_REGISTERS;
  if (decode(idr0, [BigInt(IDR0)]).ST_LEVEL !== StreamTableLevel.Linear) return control;
  const linear = update(strtabBaseCfg, [BigInt(control.STRTAB_BASE_CFG)], { FMT: StreamTableFormat.Linear });
  return { STRTAB_BASE: control.STRTAB_BASE, STRTAB_BASE_CFG: Number(linear[0]), twoLevels: null };
}

/** The entry of a stream as it is in memory now, found as the architecture says. */
export function steInMemory(world: World, index: number, vsmmu: Vsmmu, vsid: number): SteFound {
  return findSte(tableRegisters(vsmmu), sidSizeOf(vsmmu), vsid, guestReader(world, index));
}

/** The same as the VMM finds it. */
export function steSeen(vmm: Vmm, index: number, vsid: number): SteFound {
  const vsmmu = vsmmuAt(vmm, index);
  const read = guestReader(vmm.tx.world, vmm.index);
  return vmm.tx.rules.vmm.findSte(tableRegisters(vsmmu), sidSizeOf(vsmmu), vsid, read);
}

/** What CR0, GBPA and the STE in memory say of a stream (IHI0070 6.3.9, 5.2), as the VMM reads them. */
export function askedOf(vmm: Vmm, index: number, vsid: number): Asked {
  const vsmmu = vmOf(vmm).vsmmus[index] as Vsmmu;
  if (!isEnabled(vsmmu)) return askedByGbpa(vsmmu);
  const words = steSeen(vmm, index, vsid);
  if (words === 'missing' || words === 'abort') return { kind: 'missing', fetchFailed: words === 'abort' };
  const meaning = vmm.tx.rules.vmm.readsSte(words, vsmmu.registers ?? EMULATED_REGISTERS);
  switch (meaning.kind) {
    case 'abort':
    case 'invalid':
      return ASKS_ABORT;
    case 'bypass':
      return ASKS_BYPASS;
    case 'illegal':
      return { kind: 'illegal', words };
    case 'translate':
      return { kind: 'translate', words };
  }
}
