import { ALL_IOCTLS, type AnyIoctlName, type Command, type Words } from '../../model/world/command.ts';
import { DEFAULT_ARGS } from '../../model/world/door.ts';
import type { Result } from '../../model/world/result.ts';
import { readField, type StructTable, writeField } from '../../spec/struct.ts';
import { bytesOfHex, hexOfBytes, overwrite, wordsOfBytes } from '../hex.ts';
import { InputError } from '../input-error.ts';
import type { LineOf } from './lines.ts';

type IoctlLine = LineOf<'ioctl'>;

const BY_NUMBER: ReadonlyMap<number, AnyIoctlName> = new Map(
  (Object.keys(ALL_IOCTLS) as AnyIoctlName[]).map((name) => [ALL_IOCTLS[name].nr, name]),
);

/** The complete command that an ioctl line records, decoded from its bytes by the struct's table. */
export function decodeIoctl(line: IoctlLine, actor: string, file: string, number: number): Command {
  const name = BY_NUMBER.get(Number(line.nr));
  if (name === undefined) throw new InputError(file, number, `"nr": no ioctl ${line.nr} in iommufd or VFIO`);
  const table: StructTable = ALL_IOCTLS[name];
  const bytes = bytesOfHex(line.in);
  const size = 'size' in table.fields || 'argsz' in table.fields ? sizeOf(bytes) : table.size;
  const seen = bytes.slice(0, Math.min(size, table.size));
  const args: Record<string, unknown> = {
    ...DEFAULT_ARGS[name],
    fd: line.fd,
    trailing: bytes.slice(table.size, size).some((byte) => byte !== 0),
    data: null,
  };
  for (const [field, layout] of Object.entries(table.fields)) {
    if (layout.direction === 'out') continue;
    const value = readField(seen, layout);
    if (!('buffer' in layout)) {
      args[field] = value;
      continue;
    }
    const buffer = line.bufs?.find((buf) => buf.off === layout.offset);
    args[field] = buffer !== undefined ? 'buffer' : value === 0n ? 'null' : 'unmapped';
    if (buffer !== undefined) args.data = wordsOfBytes(bufferBytes(buffer.in));
  }
  if (name === 'vfioSetIrqs') args.data = wordsOfBytes(bytes.slice(table.size, size));
  // The arguments are read through the table that the command's type comes from.
  return { actor, command: name, args } as unknown as Command;
}

function sizeOf(bytes: Uint8Array): number {
  return Number(readField(bytes, { offset: 0, width: 4, direction: 'in' }));
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
  const table: StructTable = ALL_IOCTLS[command.command as AnyIoctlName];
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
  return { ret: result.ok ? 0 : -1, out: hexOfBytes(bytes), bufs };
}

/** What the recording says user space found. */
export function recordedAnswer(line: IoctlLine): Answer {
  const bufs = (line.bufs ?? []).map((buf) => buf.out ?? hexOfBytes(bufferBytes(buf.in)));
  return { ret: line.ret, out: line.out, bufs };
}
