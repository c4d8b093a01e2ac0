import { REGISTER_OFFSETS } from '../../spec/smmuv3/register-offsets.ts';

/*
 * Where QEMU's `virt` machine has its vSMMUs, and what their registers are called.
 */

export const FIRST_SMMU = 0xc00_0000n;
export const SMMU_BYTES = 0x2_0000n;
const MOST_SMMUS = 16n;
/** Page 1 of the registers, which QEMU has as an alias of page 0 (smmu_write_mmio()). */
const PAGE_1 = 0x1_0000;

/** A register of a vSMMU; a name with `+4` is the upper half of one. */
export interface PlacedRegister {
  readonly reg: string;
  /** The base of the vSMMU. */
  readonly smmu: string;
}

/** Registers of eight bytes, whose halves can be written alone. */
const WIDE: ReadonlySet<string> = new Set(['STRTAB_BASE', 'CMDQ_BASE', 'EVENTQ_BASE']);

/** Names by offset, without the page. */
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(REGISTER_OFFSETS).map(([name, offset]) => [offset & ~PAGE_1, name]),
);

export const hexOf = (value: bigint | number): string => `0x${value.toString(16)}`;

/** The register of a vSMMU at an address; null: none that is known. */
export function registerAt(address: bigint): PlacedRegister | null {
  const inside = address - FIRST_SMMU;
  if (inside < 0n || inside >= SMMU_BYTES * MOST_SMMUS) return null;
  const smmu = hexOf(address - (inside % SMMU_BYTES));
  const offset = Number(inside % SMMU_BYTES) & ~PAGE_1;
  const reg = NAMES.get(offset);
  if (reg !== undefined) return { reg, smmu };
  const wide = NAMES.get(offset - 4);
  return wide !== undefined && WIDE.has(wide) ? { reg: `${wide}+4`, smmu } : null;
}

/** What a line says of the width of an access; of a 64-bit register that only its lower half is written. */
export function widthOf(reg: string, bytes: number): { readonly len?: number } {
  return bytes < 8 && WIDE.has(reg) ? { len: bytes } : {};
}
