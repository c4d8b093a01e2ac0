import { lowMask } from '../../spec/smmuv3/address.ts';

interface Range {
  readonly first: bigint;
  readonly end: bigint;
}

const range = (first: bigint, bytes: bigint): Range => ({ first, end: first + bytes });

/*
 * The machine `virt` of QEMU 11.1.3 with GICv3, as its monitor lists it (`info mtree -f`), but for RAM, which begins at 1 GiB. What
 * is in none of these is nothing: an external abort.
 */

/** Flash that nobody filled, and registers: of those only that they are there is modelled. */
const ZEROS: readonly Range[] = [
  range(0x0n, 0x800_0000n),
  range(0x800_0000n, 0x1_0000n),
  range(0x808_0000n, 0x4_0000n),
  range(0x900_0000n, 0x1000n),
  range(0x901_0000n, 0x1000n),
  range(0x902_0000n, 0x18n),
  range(0x903_0000n, 0x1000n),
  range(0xa00_0000n, 0x4000n),
  range(0xc00_0000n, 0x2_0000n),
];

/** PCI's windows and configuration space, where no device is. */
const ONES: readonly Range[] = [
  range(0x1000_0000n, 0x2f00_0000n),
  range(0x40_1000_0000n, 0x1000_0000n),
  range(0x80_0000_0000n, 0x80_0000_0000n),
];

const isIn = (ranges: readonly Range[], address: bigint): boolean =>
  ranges.some(({ first, end }) => address >= first && address < end);

/** What 64 bits outside of RAM read as on this machine. */
export function outsideRamOfVirt(address: bigint): bigint | undefined {
  if (isIn(ZEROS, address)) return 0n;
  return isIn(ONES, address) ? lowMask(64) : undefined;
}
