/* Commands of QEMU's qtest (docs/devel/testing/qtest.rst), one line each, and how an `edu` is told to do DMA. */

/** Addresses from `first` up to, and without, `end`. */
export interface Range {
  readonly first: bigint;
  readonly end: bigint;
}

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

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

export const writel = (address: bigint, value: number): string =>
  `writel ${hex(address)} ${hex(value >>> 0)}`;
export const writeq = (address: bigint, value: bigint): string => `writeq ${hex(address)} ${hex(value)}`;
export const readl = (address: bigint): string => `readl ${hex(address)}`;
export const readq = (address: bigint): string => `readq ${hex(address)}`;
export const readBytes = (address: bigint, bytes: number): string => `read ${hex(address)} ${hex(bytes)}`;
/** To a port of a PC. */
export const outl = (port: number, value: number): string => `outl ${hex(port)} ${hex(value >>> 0)}`;

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

export function fill({ first, end }: Range): string {
  return `memset ${hex(first)} ${hex(end - first)} 0x0`;
}

/** A transfer of the `edu` whose registers are at `bar`, as far as it takes. */
export function transfer(
  bar: bigint,
  direction: 'from-memory' | 'to-memory',
  address: bigint,
  offset: number,
  bytes: number,
): readonly string[] {
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

/** What the word of a device's buffer holds that has a number, until a DMA puts something else there. */
export function markerOf(index: number): number {
  return (0xb500_0000 | index) >>> 0;
}

/** What buffers are filled from. */
export function storePattern(pattern: bigint): string {
  const bytes = Buffer.alloc(EDU.bufferBytes);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(markerOf(at / 4), at);
  return `b64write ${hex(pattern)} ${hex(bytes.length)} ${bytes.toString('base64')}`;
}

export function loadPattern(bar: bigint, pattern: bigint): readonly string[] {
  return transfer(bar, 'from-memory', pattern, 0, EDU.bufferBytes);
}

/** The content of a device's buffer, with no translation in between. */
export function unload(bar: bigint, scratch: bigint): readonly string[] {
  return [...transfer(bar, 'to-memory', scratch, 0, EDU.bufferBytes), readBytes(scratch, EDU.bufferBytes)];
}

/** A piece that a line of qtest can carry. */
const PIECE = 0x4_0000;

/** Every word of the devices' pages tells where it is. */
export function stamp({ first: from, end }: Range): readonly string[] {
  const lines: string[] = [];
  for (let first = from; first < end; first += BigInt(PIECE)) {
    const bytes = Buffer.alloc(PIECE);
    // Millions of words: a view writes them ten times faster than `writeUInt32LE` does.
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const place = Number(first);
    for (let at = 0; at < PIECE; at += 4) view.setUint32(at, place + at, true);
    lines.push(`b64write ${hex(first)} ${hex(PIECE)} ${bytes.toString('base64')}`);
  }
  return lines;
}
