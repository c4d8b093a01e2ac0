import type { ArgValue } from '../model/call.ts';
import { COMMANDS } from '../model/commands.ts';
import { ALL_IOCTLS, type AnyIoctlName } from '../model/world/command.ts';
import { type Argument, defaultOf } from '../spec/command/argument.ts';
import { type StructTable, writeField } from '../spec/struct.ts';
import { VFIO_DEVICE } from '../spec/vfio/constants.ts';

/** A field whose value an earlier answer gives, under a name. */
export interface Reference {
  readonly offset: number;
  readonly width: number;
  readonly name: string;
}

/** An ioctl as bytes, but for its references. */
export interface IoctlBytes {
  readonly bytes: Uint8Array;
  readonly references: readonly Reference[];
  /** What its pointers point at; a pointer that points nowhere is in `bytes`. */
  readonly buffers: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** No process has anything there. */
const NOWHERE = 0x1000n;

/** Longer structs are refused by their size alone; what lies behind is not looked at. */
const MOST_STRUCT = 8192;
const MOST_BUFFER = 64 * 1024;

/** IOVA ranges that a caller has room for; no machine has as many. */
const MOST_RANGES = 64;
const RANGE_BYTES = 16;
const TOKEN_BYTES = 16;

/** The struct and the buffers with which a trace's call is made. */
export function ioctlBytes(name: AnyIoctlName, args: Readonly<Record<string, ArgValue>>): IoctlBytes {
  const table: StructTable = ALL_IOCTLS[name];
  const shapes: Readonly<Record<string, Argument>> = COMMANDS[name].args;
  const given = (field: string): ArgValue => args[field] ?? defaultOf(shapes[field] ?? { kind: 'u64' });
  const size = Number(given('size' in table.fields ? 'size' : 'argsz')) || 0;
  const bytes = new Uint8Array(Math.min(Math.max(size, table.size), MOST_STRUCT));
  const references: Reference[] = [];
  const buffers: { offset: number; bytes: Uint8Array }[] = [];
  // A kernel does not see what lies behind the size that a struct says.
  const isSeen = ({ offset, width }: { readonly offset: number; readonly width: number }): boolean =>
    !('size' in table.fields) || offset + width <= size;
  const seen = (field: string): ArgValue => {
    const layout = table.fields[field];
    return layout === undefined || isSeen(layout) ? given(field) : 0;
  };
  for (const [field, layout] of Object.entries(table.fields)) {
    if (layout.direction === 'out') continue;
    const value = given(field);
    if ('buffer' in layout) {
      const content = value === 'buffer' && isSeen(layout) ? bufferOf(name, layout.buffer, seen) : null;
      if (content !== null) buffers.push({ offset: layout.offset, bytes: content });
      else writeField(bytes, layout, value === 'null' ? 0n : NOWHERE);
    } else if (typeof value === 'string') {
      references.push({ offset: layout.offset, width: layout.width, name: value });
    } else if (typeof value === 'number' || typeof value === 'bigint') {
      writeField(bytes, layout, value);
    }
  }
  const data = args.data;
  // The only struct whose data lies behind it.
  if (name === 'vfioSetIrqs' && isWords(data))
    bytes.set(bytesOfWords(data).subarray(0, bytes.length - table.size), table.size);
  else if (given('trailing') === true && bytes.length > table.size) bytes[bytes.length - 1] = 1;
  return { bytes, references, buffers };
}

/** What a pointer points at; null: nothing that can be read. */
function bufferOf(
  name: AnyIoctlName,
  direction: 'in' | 'out' | 'inout',
  given: (field: string) => ArgValue,
): Uint8Array | null {
  const data = given('data');
  const words = isWords(data) ? bytesOfWords(data) : null;
  const length = Math.min(roomOf(name, given), MOST_BUFFER);
  // A token is read, and what it says is not modelled.
  if (name === 'vfioBind') return new Uint8Array(length);
  const unreadable = direction !== 'out' && words === null;
  if (unreadable) return length === 0 ? new Uint8Array() : null;
  // What is given and too short ends where a page ends: a kernel that reads on finds nothing.
  if (direction === 'in' && words !== null) return words.subarray(0, length);
  const bytes = new Uint8Array(Math.min(Math.max(length, words?.length ?? 0), MOST_BUFFER));
  if (words !== null) bytes.set(words.subarray(0, bytes.length));
  return bytes;
}

/** Bytes of which the caller says that they are there. */
function roomOf(name: AnyIoctlName, given: (field: string) => ArgValue): number {
  switch (name) {
    case 'ioasIovaRanges':
      return Math.min(Number(given('numIovas')), MOST_RANGES) * RANGE_BYTES;
    case 'ioasAllowIovas':
      return Number(given('numIovas')) * RANGE_BYTES;
    case 'hwptInvalidate':
      return Number(given('entryNum')) * Number(given('entryLen'));
    case 'hwptGetDirtyBitmap':
      return bitmapBytes(
        BigInt(given('length') as bigint | number),
        BigInt(given('pageSize') as bigint | number),
      );
    case 'vfioBind':
      return (Number(given('flags')) & VFIO_DEVICE.BIND_FLAG_TOKEN) === 0 ? 0 : TOKEN_BYTES;
    default:
      return Number(given('dataLen') ?? 0);
  }
}

function bitmapBytes(length: bigint, pageSize: bigint): number {
  if (pageSize === 0n) return 0;
  const words = (length / pageSize + 63n) / 64n;
  return Number(words > 8192n ? 8192n : words) * 8;
}

function isWords(value: ArgValue | undefined): value is readonly bigint[] {
  return Array.isArray(value);
}

function bytesOfWords(words: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 8));
  for (const [at, word] of words.entries()) view.setBigUint64(at * 8, BigInt.asUintN(64, word), true);
  return new Uint8Array(view.buffer);
}
