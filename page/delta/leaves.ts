import { type Change, pathText, valueText } from '../../checker/render/changes.ts';
import type { ObjectNames } from '../../checker/render/names.ts';
import { toldChanges } from '../../checker/render/told.ts';
import type { World } from '../../model/world/world.ts';
import { type Decoded, decodedAt, type Path } from './decode.ts';

/** A leaf of the world that a step changed. */
export interface Leaf {
  readonly path: Path;
  /** `hwpt0.users`: objects by their names in the run. */
  readonly where: string;
  readonly kind: 'new' | 'gone' | 'changed';
  /** In words; null: there was, or is, nothing. */
  readonly before: string | null;
  readonly after: string | null;
  /** Fields of a register or an entry that are not as they were; empty where it is none. */
  readonly fields: readonly FieldChange[];
  /** The structure whose fields these are. */
  readonly structure: string | null;
}

export interface FieldChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** What a step changed, leaf by leaf, registers and entries by field. */
export function leavesOf(before: World, after: World, names: ObjectNames): readonly Leaf[] {
  return toldChanges(before, after)
    .flatMap(spread)
    .map((change) => leafOf(change, names));
}

/** Characters of a value that is told as a whole. */
const MOST_CHARACTERS = 150;

/** What came or went as a whole and is much, in parts: its plain values together, each of the others by itself. */
function spread(change: Change): readonly Change[] {
  const { path, before, after } = change;
  const side = isNothing(before) ? 'after' : isNothing(after) ? 'before' : null;
  if (side === null) return [change];
  const whole = change[side];
  if (typeof whole !== 'object' || whole === null || ArrayBuffer.isView(whole)) return [change];
  if (decodedAt(path, whole) !== null || valueText(whole).length <= MOST_CHARACTERS) return [change];
  const of = (value: unknown, at: Path): Change => ({
    path: at,
    before: side === 'before' ? value : undefined,
    after: side === 'after' ? value : undefined,
  });
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(whole)
    ? whole.map((part: unknown, index) => [index, part] as const)
    : Object.entries(whole);
  const isPart = ([, part]: (typeof entries)[number]): boolean => typeof part === 'object' && part !== null;
  const plain = entries.filter((entry) => !isPart(entry) && !isNothing(entry[1]));
  const parts = entries.filter((entry) => isPart(entry) && valueText(entry[1]).length > '[]'.length);
  return [
    ...(plain.length === 0 ? [] : [of(Object.fromEntries(plain), path)]),
    ...parts.flatMap(([key, part]) => spread(of(part, [...path, key]))),
  ];
}

function leafOf({ path, before, after }: Change, names: ObjectNames): Leaf {
  const [old, now] = [decodedAt(path, before), decodedAt(path, after)];
  return {
    path,
    where: whereOf(path, names),
    kind: isNothing(before) ? 'new' : isNothing(after) ? 'gone' : 'changed',
    before: isNothing(before) ? null : valueText(before),
    after: isNothing(after) ? null : valueText(after),
    structure: now?.name ?? old?.name ?? null,
    fields: fieldChanges(old, now),
  };
}

/** A place in the world, objects by their names in the run. */
export function whereOf(path: Path, names: ObjectNames): string {
  const object = names.resolve(path);
  return object === null ? pathText(path) : pathText([object.name, ...object.rest]);
}

/** Fields that differ; a field that is zero is not in a record, and is 0 here. */
function fieldChanges(old: Decoded | null, now: Decoded | null): readonly FieldChange[] {
  const [before, after] = [old, now].map(
    (decoded) => new Map(decoded?.fields.map(({ name, value }) => [name, value] as const)),
  );
  const names = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])];
  return names.flatMap((name) => {
    const [from, to] = [before?.get(name) ?? '0', after?.get(name) ?? '0'];
    return from === to ? [] : [{ name, before: from, after: to }];
  });
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}
