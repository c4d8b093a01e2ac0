import { sameState } from '../../model/world/equal.ts';

/** One leaf of a value that differs; what was or is not there is undefined. */
export interface Change {
  readonly path: readonly (string | number)[];
  readonly before: unknown;
  readonly after: unknown;
}

type Keyed = Readonly<Record<string | number, unknown>>;

/** The leaves in which two plain values differ. Parts that they share (`===`) are not looked into. */
export function changes(before: unknown, after: unknown): readonly Change[] {
  const found: Change[] = [];
  collect(before, after, [], found);
  return found;
}

function collect(before: unknown, after: unknown, path: readonly (string | number)[], into: Change[]): void {
  if (Object.is(before, after)) return;
  if (!comparable(before, after)) {
    if (!sameState(before, after)) into.push({ path, before, after });
    return;
  }
  if (SETS.has(path.at(-1) ?? '')) {
    collectMembers(before as readonly unknown[], after as readonly unknown[], path, into);
    return;
  }
  for (const key of keysOf(before, after)) {
    collect((before as Keyed)[key], (after as Keyed)[key], [...path, key], into);
  }
}

/** Lists whose order says nothing: what matters is what came and what went. */
const SETS: ReadonlySet<string | number> = new Set([
  'areas',
  'reserved',
  'allowed',
  'events',
  'mappings',
  'msiMaps',
]);

function collectMembers(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly (string | number)[],
  into: Change[],
): void {
  for (const member of before) {
    if (!after.some((other) => sameState(member, other)))
      into.push({ path, before: member, after: undefined });
  }
  for (const member of after) {
    if (!before.some((other) => sameState(member, other)))
      into.push({ path, before: undefined, after: member });
  }
}

/** Whether to look at the parts rather than at the whole: two lists of things, or two records of one kind. */
function comparable(before: unknown, after: unknown): boolean {
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null)
    return false;
  if (Array.isArray(before) && Array.isArray(after)) return !(isFlat(before) && isFlat(after));
  if (Array.isArray(before) || Array.isArray(after)) return false;
  return (before as Keyed).type === (after as Keyed).type;
}

/** A list of plain values reads best as a whole. */
function isFlat(list: readonly unknown[]): boolean {
  return list.every((each) => each !== null && typeof each !== 'object');
}

function keysOf(before: unknown, after: unknown): readonly (string | number)[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
  }
  return [...new Set([...Object.keys(before as Keyed), ...Object.keys(after as Keyed)])];
}

/** `contexts[0].objects[3].users` */
export function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (text === '') text = key;
    else if (/^[A-Za-z]\w*$/.test(key)) text += `.${key}`;
    else text += `[${key}]`;
  }
  return text;
}

/** Numbers from here on are addresses, registers or masks rather than counts. */
const LARGE = 4096;

/** A plain value in one line: 64-bit and large values in hexadecimal, and nothing said of what is empty. */
export function valueText(value: unknown): string {
  if (typeof value === 'bigint' || (typeof value === 'number' && value >= LARGE))
    return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).filter(([, each]) => !isEmpty(each));
  return `{${fields.map(([key, each]) => `${key}: ${valueText(each)}`).join(', ')}}`;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
