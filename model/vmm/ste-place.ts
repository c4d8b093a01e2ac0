import { decode } from '../../spec/bits.ts';
import { l1StreamTableDescriptor } from '../../spec/smmuv3/ste.ts';
import { streamTableOf } from '../smmu/architecture/stream-table.ts';
import type { Control } from './control.ts';
import { type GuestMemory, readGuest } from './memory.ts';
import { type Vmm, vmOf } from './process.ts';
import { tableRegisters } from './stream.ts';
import { vsmmuAt } from './vsmmu.ts';

const STE_LOG2 = 6n;

/** Where a guest's stream table has the entry of a StreamID (IHI0070 3.3.1); null: nowhere. */
export function placeOfSte(vmm: Vmm, index: number, vsid: number): bigint | null {
  return steAddress(tableRegisters(vsmmuAt(vmm, index)), vmOf(vmm).memory, vsid);
}

/** The same, by the registers of a vSMMU and what is in the guest's memory. */
export function steAddress(
  control: Pick<Control, 'STRTAB_BASE' | 'STRTAB_BASE_CFG'>,
  memory: GuestMemory,
  vsid: number,
): bigint | null {
  const table = streamTableOf(control.STRTAB_BASE, control.STRTAB_BASE_CFG);
  if (vsid < 0 || vsid >= 2 ** table.log2Size) return null;
  const at = BigInt(vsid);
  if (table.split === null) {
    const mask = (1n << (BigInt(table.log2Size) + STE_LOG2)) - 1n;
    return (table.base & ~mask) + (at << STE_LOG2);
  }
  const l1 = readGuest(memory, descriptorAddress(control, vsid) ?? 0n);
  const { Span, L2Ptr } = decode(l1StreamTableDescriptor, [l1]);
  const entry = at & ((1n << BigInt(table.split)) - 1n);
  if (Span === 0 || entry >= 1n << BigInt(Span - 1)) return null;
  const mask = (1n << (BigInt(Span - 1) + STE_LOG2)) - 1n;
  return (L2Ptr & ~mask) + (entry << STE_LOG2);
}

/** Where a stream table of two levels has the descriptor of a StreamID; null: it has none, or is linear. */
export function descriptorAddress(
  { STRTAB_BASE, STRTAB_BASE_CFG }: Pick<Control, 'STRTAB_BASE' | 'STRTAB_BASE_CFG'>,
  vsid: number,
): bigint | null {
  const { base, log2Size, split } = streamTableOf(STRTAB_BASE, STRTAB_BASE_CFG);
  if (split === null || vsid < 0 || vsid >= 2 ** log2Size) return null;
  const l1Bits = BigInt(Math.max(log2Size - split + 3, 6));
  return (base & ~((1n << l1Bits) - 1n)) + (BigInt(vsid) >> BigInt(split)) * 8n;
}
