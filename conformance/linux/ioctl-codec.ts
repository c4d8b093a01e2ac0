import { DEFAULT_ARGS } from '../../model/door.ts';
import {
  ALL_IOCTLS,
  type AnyIoctlName,
  type Command,
  RARE_IOCTLS,
  type Words,
} from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { MAX_WORDS } from '../../spec/command/argument.ts';
import { ERRNO } from '../../spec/errno.ts';
import { COMPAT_CALLS, COMPAT_IOCTLS } from '../../spec/iommufd/compat.ts';
import { IOCTLS } from '../../spec/iommufd/ioctls.ts';
import { readField, type StructTable, writeField } from '../../spec/struct.ts';
import { DEVICE_CALLS } from '../../spec/vfio/device-calls.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import { bytesOfHex, hexOfBytes, overwrite, wordsOfBytes } from '../hex.ts';
import { LineError } from '../input-error.ts';
import { mostBytes } from './buffer-length.ts';
import type { LineOf } from './lines.ts';

type IoctlLine = LineOf<'ioctl'>;

type Name = AnyIoctlName | keyof typeof RARE_IOCTLS;
type Table = StructTable & { readonly name: string; readonly nr: number };

const TABLES: Readonly<Record<Name, Table>> = { ...ALL_IOCTLS, ...RARE_IOCTLS };

/** Some numbers mean one call on a device file and another on an iommufd (VFIO_BASE + 12 to + 17). */
const ON_DEVICE = byNumber({ ...VFIO_IOCTLS, ...DEVICE_CALLS });
const ON_IOMMUFD = byNumber({ ...IOCTLS, ...COMPAT_IOCTLS, ...COMPAT_CALLS });

function byNumber(tables: Readonly<Partial<Record<Name, Table>>>): ReadonlyMap<number, Name> {
  return new Map(Object.entries(tables).map(([name, { nr }]) => [nr, name as Name]));
}

/** Which sort of file an ioctl is made on, as far as its number depends on it. */
export type On = 'device' | 'iommufd' | 'other';

function nameOf(nr: string, on: On): Name | undefined {
  const number = Number(nr);
  const [here, elsewhere] = on === 'device' ? [ON_DEVICE, ON_IOMMUFD] : [ON_IOMMUFD, ON_DEVICE];
  return here.get(number) ?? elsewhere.get(number);
}

/** What is known of an ioctl by its number (`0x85`) on a file; null for a number of no modelled call. */
export function ioctlOf(nr: string, on: On): Table | null {
  const name = nameOf(nr, on);
  return name === undefined ? null : TABLES[name];
}

/** The complete command that an ioctl line records, decoded from its bytes by the struct's table. */
export function decodeIoctl(line: IoctlLine, actor: string, on: On): Command {
  const name = nameOf(line.nr, on);
  if (name === undefined) return { actor, command: 'unknownIoctl', args: { fd: line.fd } };
  if (name === 'compatCheckExtension')
    return { actor, command: name, args: { fd: line.fd, extension: line.arg ?? 0 } };
  if (name === 'compatSetIommu') return { actor, command: name, args: { fd: line.fd, type: line.arg ?? 0 } };
  const table = TABLES[name];
  const bytes = bytesOfHex(line.in);
  const size = 'size' in table.fields || 'argsz' in table.fields ? sizeOf(bytes) : table.size;
  const seen = bytes.slice(0, Math.min(size, table.size));
  const args: Record<string, unknown> = {
    ...(DEFAULT_ARGS as Readonly<Record<string, object>>)[name],
    fd: line.fd,
    trailing: bytes.slice(table.size, size).some((byte) => byte !== 0),
    data: null,
  };
  let content: string | null = null;
  for (const [field, layout] of Object.entries(table.fields)) {
    if (layout.direction === 'out') continue;
    const value = readField(seen, layout);
    if (!('buffer' in layout)) {
      args[field] = value;
      continue;
    }
    const buffer = line.bufs?.find((buf) => buf.off === layout.offset);
    args[field] = buffer !== undefined ? 'buffer' : value === 0n ? 'null' : 'unmapped';
    if (buffer !== undefined) content = buffer.in;
  }
  const most = mostBytes(name, args);
  line.bufs?.forEach((buffer, at) => {
    if (lengthOf(buffer.in) > most)
      throw new LineError(`"bufs.${at}.in": expected at most ${most} bytes, as the struct says`);
  });
  if (content !== null) args.data = wordsOfBytes(bufferBytes(content));
  if (name === 'hwptInvalidate' && line.errno !== ERRNO.EFAULT) args.data = unshown(args);
  if (name === 'vfioSetIrqs') args.data = wordsOfBytes(bytes.slice(table.size, size));
  // What lies around a struct is not looked at in calls that no scope makes.
  const rare = Object.hasOwn(RARE_IOCTLS, name);
  const { trailing: _trailing, data: _data, ...own } = args;
  // The arguments are read through the table that the command's type comes from.
  return { actor, command: name, args: rare ? own : args } as unknown as Command;
}

/**
 * An array that is longer than the recording shows of the memory behind it. That the kernel did not find it unreadable tells
 * that it goes on; zeros stand for what is not shown.
 */
function unshown(args: Readonly<Record<string, unknown>>): Words | null {
  const data = args.data as Words | null;
  const words = Math.ceil((Number(args.entryLen) * Number(args.entryNum)) / 8);
  if (data === null || words <= data.length || words > MAX_WORDS) return data;
  return [...data, ...new Array<bigint>(words - data.length).fill(0n)];
}

function sizeOf(bytes: Uint8Array): number {
  return Number(readField(bytes, { offset: 0, width: 4, direction: 'in' }));
}

function lengthOf(content: string): number {
  return content.startsWith('+') ? Number(content.slice(1)) : content.length / 2;
}

function bufferBytes(content: string): Uint8Array {
  return content.startsWith('+') ? new Uint8Array(Number(content.slice(1))) : bytesOfHex(content);
}

/** What user space would find after the call: the struct and the buffers, as hex like in the recording. */
export interface Answer {
  readonly ret: number;
  readonly out: string;
  readonly bufs: readonly string[];
}

/** The model's result as the bytes that the call would leave behind. */
export function encodeAnswer(line: IoctlLine, command: Command, result: Result): Answer {
  const table: StructTable = TABLES[command.command as Name] ?? NO_STRUCT;
  const bytes = bytesOfHex(line.in);
  const end = Math.min(bytes.length, sizeOf(bytes) || table.size, table.size);
  const written = bytes.subarray(0, end);
  for (const [field, layout] of Object.entries(table.fields)) {
    const value = result.out[field];
    if (layout.direction === 'in' || (typeof value !== 'number' && typeof value !== 'bigint')) continue;
    writeField(written, layout, value);
  }
  const { data } = result.out as { data?: Words };
  const bufs = (line.bufs ?? []).map((buf) => {
    const content = bufferBytes(buf.in);
    const layout = Object.values(table.fields).find((field) => field.offset === buf.off);
    if (data !== undefined && layout !== undefined && 'buffer' in layout && layout.buffer !== 'in') {
      overwrite(content, data);
    }
    return hexOfBytes(content);
  });
  if (result.ok && typeof result.out.tailBytes === 'number')
    overwrite(bytes.subarray(table.size, table.size + result.out.tailBytes), result.out.tail as Words);
  else if (TAILED.has(command.command)) copyTail(bytes, bytesOfHex(line.out), table.size);
  return { ret: result.ok ? Number(result.out.ret ?? 0) : -1, out: hexOfBytes(bytes), bufs };
}

/** Calls that leave more behind their struct than its fields. */
const TAILED: ReadonlySet<string> = new Set(['hotResetInfo']);

const NO_STRUCT: StructTable = { struct: '', size: 0, minSize: 0, fields: {} };

/** Capabilities behind a struct are not modelled: what is recorded there is not compared. */
function copyTail(bytes: Uint8Array, recorded: Uint8Array, from: number): void {
  bytes.set(recorded.subarray(from, bytes.length), Math.min(from, bytes.length));
}

/** What the recording says user space found. */
export function recordedAnswer(line: IoctlLine): Answer {
  const bufs = (line.bufs ?? []).map((buf) => buf.out ?? hexOfBytes(bufferBytes(buf.in)));
  return { ret: line.ret, out: line.out, bufs };
}
