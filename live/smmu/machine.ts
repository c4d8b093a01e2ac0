import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import { REGISTER_OFFSETS } from '../../spec/smmuv3/register-offsets.ts';
import { bootMemory, layoutAt } from '../../workload/scopes/emulated-memory.ts';

/*
 * The machine that QEMU makes: `virt` with an emulated SMMUv3 in front of its PCI bus, and an `edu` for each StreamID that a
 * sequence uses. StreamIDs 0 to 7 cannot be had: the host bridge is 0, and takes no functions beside it.
 */

const DEVICE_FUNCTIONS = 8;

/** Where the guest has its tables; the same as in scope `emulated`, but in RAM. */
export const LAYOUT = layoutAt(0x5000_0000n, DEVICE_FUNCTIONS);

/** What a guest may store into: its tables. */
export const TABLES = { first: 0x5000_0000n, end: 0x5020_0000n } as const;

/** Pages for devices, each word of which tells where it is. */
export const STAMPED = { first: 0x5020_0000n, end: 0x5080_0000n } as const;

export const RAM = { first: 0x4000_0000n, end: 0x8000_0000n } as const;

/** Where QEMU puts its description of the machine, at every reset. */
export const DEVICE_TREE = { first: 0x4000_0000n, bytes: 0x20_0000n } as const;

/** Queues of 2^19 entries, and pages for what devices' buffers are filled from and emptied to: no pointer leads there by one bit. */
export const COMMAND_QUEUE = 0x7c00_0000n;
export const EVENT_QUEUE = 0x7d00_0000n;
export const PATTERN = 0x7f00_0000n;
export const SCRATCH = 0x7f10_0000n;
export const LOG2_ENTRIES = 19;
export const COMMAND_BYTES = 16n;
export const EVENT_BYTES = 32n;

const SMMU = 0x0c00_0000n;
const ECAM = 0x40_1000_0000n;
/** Where the registers of devices begin; nothing that the layout has differs from it in one bit. */
const BARS = 0x3000_0000n;
const BAR_BYTES = 0x10_0000n;

export const registerAt = (name: keyof typeof REGISTER_OFFSETS): bigint =>
  SMMU + BigInt(REGISTER_OFFSETS[name]);

/** Registers of `edu` (docs/specs/edu.rst in QEMU), and its buffer as its DMA addresses it. */
export const EDU = {
  source: 0x80n,
  destination: 0x88n,
  count: 0x90n,
  command: 0x98n,
  buffer: 0x4_0000n,
  bufferBytes: 4096,
  /** Run, from memory into the buffer; and the other way. */
  fromMemory: 1,
  toMemory: 3,
  /** A DMA takes 100 ms of the machine's clock. */
  nanoseconds: 101_000_000,
} as const;

/** One device, by its StreamID. */
export function barOf(stream: number): bigint {
  return BARS + BigInt(LAYOUT.streams.indexOf(stream)) * BAR_BYTES;
}

/** Where the configuration space of a device is: a StreamID is device and function on bus 0. */
export function configurationOf(stream: number): bigint {
  return ECAM + BigInt(stream) * 4096n;
}

/** QEMU's command line, but for its control sockets. */
export const MACHINE_WORDS: readonly string[] = [
  ...['-machine', 'virt,gic-version=3', '-m', '1G'],
  ...['-device', 'arm-smmuv3,primary-bus=pcie.0,id=smmu0,stage=nested'],
  ...['-global', 'edu.dma_mask=0xffffffffffffffff'],
  ...LAYOUT.streams.flatMap((stream) => [
    '-device',
    `edu,bus=pcie.0,addr=${(stream >> 3).toString(16)}.${stream & 7},multifunction=on`,
  ]),
];

/** The machine, with an SMMU that says this of itself. */
export function hardwareWith(registers: EmulatedHardware['registers']): EmulatedHardware {
  return { registers, memory: bootMemory(LAYOUT), ram: { ...RAM, stamped: STAMPED } };
}
