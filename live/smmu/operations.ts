import {
  barOf,
  COMMAND_QUEUE,
  configurationOf,
  DEVICE_TREE,
  EDU,
  EVENT_QUEUE,
  LOG2_ENTRIES,
  PATTERN,
  registerAt,
  SCRATCH,
  STAMPED,
  TABLES,
} from './machine.ts';

/* Commands of QEMU's qtest (docs/devel/testing/qtest.rst), one line each. */

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export const writel = (address: bigint, value: number): string =>
  `writel ${hex(address)} ${hex(value >>> 0)}`;
export const writeq = (address: bigint, value: bigint): string => `writeq ${hex(address)} ${hex(value)}`;
export const readl = (address: bigint): string => `readl ${hex(address)}`;
export const readBytes = (address: bigint, bytes: number): string => `read ${hex(address)} ${hex(bytes)}`;

/** 64-bit words, as they lie in memory. */
export function storeWords(address: bigint, words: readonly bigint[]): string {
  const bytes = new Uint8Array(8 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of words.entries()) view.setBigUint64(8 * at, word, true);
  return `write ${hex(address)} ${hex(bytes.length)} 0x${Buffer.from(bytes).toString('hex')}`;
}

/** The words in an answer to `readBytes`, of `size` bytes each, little-endian. */
export function wordsOf(answer: string | null, size: 4 | 8): readonly bigint[] {
  const bytes = Buffer.from((answer ?? '').replace(/^0x/, ''), 'hex');
  const words: bigint[] = [];
  for (let at = 0; at + size <= bytes.length; at += size)
    words.push(size === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at)));
  return words;
}

export function fill(address: bigint, bytes: bigint): string {
  return `memset ${hex(address)} ${hex(bytes)} 0x0`;
}

/** A transfer of a device's, as far as it takes. */
export function transfer(
  stream: number,
  direction: 'from-memory' | 'to-memory',
  address: bigint,
  offset: number,
  bytes: number,
): readonly string[] {
  const bar = barOf(stream);
  const buffer = EDU.buffer + BigInt(offset);
  const [source, destination] = direction === 'from-memory' ? [address, buffer] : [buffer, address];
  const command = direction === 'from-memory' ? EDU.fromMemory : EDU.toMemory;
  return [
    writeq(bar + EDU.source, source),
    writeq(bar + EDU.destination, destination),
    writeq(bar + EDU.count, BigInt(bytes)),
    writeq(bar + EDU.command, BigInt(command)),
    `clock_step ${EDU.nanoseconds}`,
  ];
}

const BAR0 = 0x10n;
const COMMAND = 0x04n;
/** Memory accesses, and DMA. */
const ENABLED = 0x6;

/** After a reset: registers of devices, no device tree. */
export function wakeDevices(streams: readonly number[]): readonly string[] {
  return [
    fill(DEVICE_TREE.first, DEVICE_TREE.bytes),
    ...streams.flatMap((stream) => [
      writel(configurationOf(stream) + BAR0, Number(barOf(stream))),
      writel(configurationOf(stream) + COMMAND, ENABLED),
    ]),
  ];
}

/** The SMMU's queues, as large as they can be. */
export const QUEUES: readonly string[] = [
  writeq(registerAt('CMDQ_BASE'), COMMAND_QUEUE | BigInt(LOG2_ENTRIES)),
  writeq(registerAt('EVENTQ_BASE'), EVENT_QUEUE | BigInt(LOG2_ENTRIES)),
];

/** What a reset of QEMU's leaves of the run before. */
export const NO_STREAM_TABLE: readonly string[] = [
  writeq(registerAt('STRTAB_BASE'), 0n),
  writel(registerAt('STRTAB_BASE_CFG'), 0),
];

/** What the word of a device's buffer holds that has a number, until a DMA puts something else there. */
export function markerOf(index: number): number {
  return (0xb500_0000 | index) >>> 0;
}

/** Where a buffer is filled from. */
export function storePattern(): string {
  const bytes = Buffer.alloc(EDU.bufferBytes);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(markerOf(at / 4), at);
  return `b64write ${hex(PATTERN)} ${hex(bytes.length)} ${bytes.toString('base64')}`;
}

export function loadPattern(stream: number): readonly string[] {
  return transfer(stream, 'from-memory', PATTERN, 0, EDU.bufferBytes);
}

/** The content of a device's buffer, with no translation in between. */
export function unload(stream: number): readonly string[] {
  return [...transfer(stream, 'to-memory', SCRATCH, 0, EDU.bufferBytes), readBytes(SCRATCH, EDU.bufferBytes)];
}

/** A piece that a line of qtest can carry. */
const PIECE = 0x4_0000;

/** Every word of the devices' pages tells where it is. */
export function stamp(): readonly string[] {
  const lines: string[] = [];
  for (let first = STAMPED.first; first < STAMPED.end; first += BigInt(PIECE)) {
    const bytes = Buffer.alloc(PIECE);
    for (let at = 0; at < PIECE; at += 4) bytes.writeUInt32LE(Number(first) + at, at);
    lines.push(`b64write ${hex(first)} ${hex(PIECE)} ${bytes.toString('base64')}`);
  }
  return lines;
}

/** No tables but those of the boot. */
export function clearTables(): string {
  return fill(TABLES.first, TABLES.end - TABLES.first);
}
