import { REGISTER_OFFSETS } from '../../spec/smmuv3/register-offsets.ts';
import { layoutAt } from '../../workload/scopes/emulated-memory.ts';

/*
 * The machine that QEMU makes: `virt` with an emulated SMMUv3 in front of its PCI bus, and an `edu` for each StreamID that a
 * sequence uses. StreamIDs 0 to 7 cannot be had: the host bridge is 0, and takes no functions beside it.
 */

export const DEVICE_FUNCTIONS = 8;

/** Where the guest has its tables; the same as in scope `emulated`, but in RAM. */
export const LAYOUT = layoutAt(0x5000_0000n, DEVICE_FUNCTIONS);

/** What a guest may store into: its tables. */
export const TABLES = { first: 0x5000_0000n, end: 0x5020_0000n } as const;

/** Pages for devices, each word of which tells where it is. */
export const STAMPED = { first: 0x5020_0000n, end: 0x5080_0000n } as const;

export const RAM = { first: 0x4000_0000n, end: 0x8000_0000n } as const;

/** Where QEMU puts its description of the machine, at every reset. */
export const DEVICE_TREE = { first: 0x4000_0000n, end: 0x4020_0000n } as const;

/** Queues of 2^19 entries, and pages for what devices' buffers are filled from and emptied to: no pointer leads there by one bit. */
export const COMMAND_QUEUE = 0x7c00_0000n;
export const EVENT_QUEUE = 0x7d00_0000n;
export const PATTERN = 0x7f00_0000n;
export const SCRATCH = 0x7f10_0000n;
export const LOG2_ENTRIES = 19;
export const COMMAND_BYTES = 16n;
export const EVENT_BYTES = 32n;

const SMMU = 0x0c00_0000n;
export const ECAM = 0x40_1000_0000n;
/** Where the registers of devices begin; nothing that the layout has differs from it in one bit. */
const BARS = 0x3000_0000n;
const BAR_BYTES = 0x10_0000n;

export const registerAt = (name: keyof typeof REGISTER_OFFSETS): bigint =>
  SMMU + BigInt(REGISTER_OFFSETS[name]);

/** One device, by its StreamID. */
export function barOf(stream: number): bigint {
  return BARS + BigInt(LAYOUT.streams.indexOf(stream)) * BAR_BYTES;
}
