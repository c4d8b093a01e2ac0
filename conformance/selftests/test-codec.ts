import { DEFAULT_ARGS } from '../../model/door.ts';
import type { Command } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { TEST_NR, TEST_OPS, type TestName, type TestTable } from '../../spec/iommufd/selftest.ts';
import { readField, writeField } from '../../spec/struct.ts';
import { bytesOfHex, hexOfBytes, wordsOfBytes } from '../hex.ts';
import type { LineOf } from './lines.ts';

/*
 * IOMMU_TEST_CMD: its sub-operation is the second word of its struct.
 */

const OP = { offset: 4, width: 4, direction: 'in' } as const;

const BY_OP: ReadonlyMap<number, TestName> = new Map(
  Object.entries(TEST_OPS).map(([name, { op }]) => [op, name as TestName]),
);

type IoctlLine = LineOf<'ioctl'>;

/** Whether a line is IOMMU_TEST_CMD. */
export function isTest({ r }: IoctlLine): boolean {
  return (Number(r) & 0xff) === TEST_NR;
}

/** Which operation a line asks for; null: none that is known. */
export function testOf({ i = '' }: IoctlLine): TestTable | null {
  const name = BY_OP.get(Number(readField(bytesOfHex(i), OP)));
  return name === undefined ? null : TEST_OPS[name];
}

/** The complete command that a line records. */
export function decodeTest(line: IoctlLine, actor: string): Command | null {
  const bytes = bytesOfHex(line.i ?? '');
  const name = BY_OP.get(Number(readField(bytes, OP)));
  if (name === undefined) return null;
  const table: TestTable = TEST_OPS[name];
  const size = Number(readField(bytes, { offset: 0, width: 4, direction: 'in' }));
  const seen = bytes.slice(0, Math.min(size, table.size));
  const args: Record<string, unknown> = {
    ...(DEFAULT_ARGS as Readonly<Record<string, object>>)[name],
    fd: line.f,
    trailing: bytes.slice(table.size, size).some((byte) => byte !== 0),
  };
  for (const [field, layout] of Object.entries(table.fields))
    if (layout.direction !== 'out') args[field] = readField(seen, layout);
  if (name === 'mockDirty') args.data = wordsOfBytes(bitmapOf(line));
  // The arguments are read through the table that the command's type comes from.
  return { actor, command: name, args } as unknown as Command;
}

/** A bitmap, of which long ones are recorded in part: what is not shown goes on as what is. */
function bitmapOf({ b = [] }: IoctlLine): Uint8Array {
  const [buffer] = b;
  const shown = bytesOfHex(buffer?.in ?? '');
  const length = Math.min(buffer?.len ?? 0, MOST_BITMAP);
  if (shown.length === 0 || shown.length >= length) return shown;
  return Uint8Array.from({ length }, (_, at) => shown[at % shown.length] ?? 0);
}

/** Bytes: the pages of 1 GiB. */
const MOST_BITMAP = 1 << 16;

/** The struct as the call leaves it. */
export function encodeTest(line: IoctlLine, command: Command, result: Result): string {
  const table: TestTable = TEST_OPS[command.command as TestName];
  const bytes = bytesOfHex(line.i ?? '');
  for (const [field, layout] of Object.entries(table.fields)) {
    const value = result.out[field];
    if (!result.ok || layout.direction === 'in') continue;
    if (typeof value === 'number' || typeof value === 'bigint') writeField(bytes, layout, value);
  }
  return hexOfBytes(bytes);
}
