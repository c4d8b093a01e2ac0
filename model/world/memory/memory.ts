/**
 * The bytes of a stretch of memory, addressed from 0. Immutable: a write gives a new memory that shares every page it did
 * not touch. Pages never written read as zero.
 */
export interface Memory {
  readonly blocks: readonly (Block | undefined)[];
}

/** A run of pages; two levels keep a write from copying the whole table of pages. */
type Block = readonly (Uint8Array | undefined)[];

export const PAGE_BYTES = 4096;
const PAGES_PER_BLOCK = 64;

export const EMPTY_MEMORY: Memory = Object.freeze({ blocks: Object.freeze([]) });

function pageAt(memory: Memory, page: number): Uint8Array | undefined {
  return memory.blocks[Math.floor(page / PAGES_PER_BLOCK)]?.[page % PAGES_PER_BLOCK];
}

function withPage(memory: Memory, page: number, bytes: Uint8Array | undefined): Memory {
  const index = Math.floor(page / PAGES_PER_BLOCK);
  const block = (memory.blocks[index] ?? []).slice();
  block[page % PAGES_PER_BLOCK] = bytes;
  const blocks = memory.blocks.slice();
  blocks[index] = block;
  return { blocks };
}

/** The pieces of [address, address + length) that lie in one page each. */
function* pieces(address: number, length: number) {
  for (let done = 0; done < length; ) {
    const at = address + done;
    const offset = at % PAGE_BYTES;
    const size = Math.min(length - done, PAGE_BYTES - offset);
    yield { page: (at - offset) / PAGE_BYTES, offset, size, done };
    done += size;
  }
}

/** A copy of `length` bytes from `address` on. */
export function readBytes(memory: Memory, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const { page, offset, size, done } of pieces(address, length)) {
    const from = pageAt(memory, page);
    if (from !== undefined) bytes.set(from.subarray(offset, offset + size), done);
  }
  return bytes;
}

/** Writes bytes; where they are there already, it gives the very same memory. */
export function writeBytes(memory: Memory, address: number, bytes: Uint8Array): Memory {
  let result = memory;
  for (const { page, offset, size, done } of pieces(address, bytes.length)) {
    const old = pageAt(result, page);
    if (bytes.subarray(done, done + size).every((byte, i) => byte === (old?.[offset + i] ?? 0))) continue;
    const copy = pageAt(result, page)?.slice() ?? new Uint8Array(PAGE_BYTES);
    copy.set(bytes.subarray(done, done + size), offset);
    result = withPage(result, page, copy);
  }
  return result;
}

/** Writes the same byte `length` times. */
export function fillBytes(memory: Memory, address: number, length: number, byte: number): Memory {
  let result = memory;
  for (const { page, offset, size } of pieces(address, length)) {
    if (size === PAGE_BYTES && byte === 0) {
      if (pageAt(result, page) !== undefined) result = withPage(result, page, undefined);
      continue;
    }
    const copy = pageAt(result, page)?.slice() ?? new Uint8Array(PAGE_BYTES);
    copy.fill(byte, offset, offset + size);
    result = withPage(result, page, copy);
  }
  return result;
}

/** The 64-bit little-endian word at an 8-byte aligned address. */
export function readWord64(memory: Memory, address: number): bigint {
  const page = pageAt(memory, Math.floor(address / PAGE_BYTES));
  if (page === undefined) return 0n;
  const view = new DataView(page.buffer, page.byteOffset + (address % PAGE_BYTES), 8);
  return view.getBigUint64(0, true);
}

/** Whether two memories hold the same bytes. What they share is not looked at. */
export function sameMemory(a: Memory, b: Memory): boolean {
  if (a === b) return true;
  for (let index = 0; index < Math.max(a.blocks.length, b.blocks.length); index++) {
    const left = a.blocks[index];
    const right = b.blocks[index];
    if (left === right) continue;
    for (let page = 0; page < PAGES_PER_BLOCK; page++) {
      if (left?.[page] !== right?.[page] && !sameBytes(left?.[page], right?.[page])) return false;
    }
  }
  return true;
}

const ZEROS = new Uint8Array(PAGE_BYTES);

/** Compares two pages or buffers; a page that was never written is all zeros. */
export function sameBytes(a: Uint8Array = ZEROS, b: Uint8Array = ZEROS): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
