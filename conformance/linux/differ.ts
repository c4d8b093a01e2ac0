import { errnoName } from '../../spec/errno.ts';
import { readField, type StructTable } from '../../spec/struct.ts';
import { bytesOfHex } from '../hex.ts';
import { ioctlOf, type On } from './ioctl-codec.ts';
import type { Line } from './lines.ts';
import type { Observed } from './observed.ts';

/** In what two answers differ: bytes as the fields of their struct, error numbers by name. */
export interface Differing {
  /** What was asked and what differs, without the values that vary: equal for disagreements of one kind. */
  readonly kind: string;
  readonly expected: Observed;
  readonly model: Observed;
}

/** The parts of two answers that differ. */
export function differ(line: Line, on: On, truth: Observed, model: Observed): Differing {
  const expected: Record<string, string | number> = {};
  const answered: Record<string, string | number> = {};
  const put = (name: string, a: string | number, b: string | number): void => {
    if (a === b) return;
    expected[name] = a;
    answered[name] = b;
  };
  const table = line.ev === 'ioctl' ? ioctlOf(line.nr, on) : null;
  for (const name of Object.keys(truth)) {
    const a = truth[name] ?? '';
    const b = model[name] ?? '';
    if (name === 'errno') put('errno', named(a), named(b));
    else if (name === 'out' && table !== null) putFields(table, String(a), String(b), put);
    else put(name, a, b);
  }
  return { kind: `${asked(line, table)}: ${parts(expected, answered)}`, expected, model: answered };
}

function putFields(
  table: StructTable,
  a: string,
  b: string,
  put: (name: string, a: string | number, b: string | number) => void,
): void {
  const [left, right] = [bytesOfHex(a), bytesOfHex(b)];
  for (const [name, field] of Object.entries(table.fields))
    put(name, shown(readField(left, field)), shown(readField(right, field)));
}

function shown(value: number | bigint): string | number {
  return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
}

function named(errno: string | number): string {
  return Number(errno) === 0 ? 'none' : (errnoName(Number(errno)) ?? `errno ${errno}`);
}

function asked(line: Line, table: (StructTable & { readonly name: string }) | null): string {
  if (line.ev === 'ioctl') return table?.name ?? `ioctl ${line.nr}`;
  if (line.ev === 'legacy') return line.what.split(' ')[0] ?? 'legacy';
  return line.ev === 'open' ? `open ${line.path}` : line.ev;
}

/** Two errors say more than what differs because of them. */
function parts(expected: Observed, model: Observed): string {
  if (expected.errno !== undefined) return `${expected.errno}, model ${model.errno}`;
  return Object.keys(expected).join(', ') || 'bytes outside the struct';
}
