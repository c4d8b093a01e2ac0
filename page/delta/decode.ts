import { type BitField, decode, type Layout, maskOf, nameOfValue } from '../../spec/bits.ts';
import { plainNumber } from '../../spec/command/names.ts';
import { cd } from '../../spec/smmuv3/cd.ts';
import { commands, decodeCommand } from '../../spec/smmuv3/command.ts';
import { decodeEvent, events } from '../../spec/smmuv3/event.ts';
import { idRegisters } from '../../spec/smmuv3/id-registers.ts';
import {
  cmdqCons,
  cr0,
  cr2,
  eventqProd,
  gbpa,
  gerror,
  strtabBase,
  strtabBaseCfg,
} from '../../spec/smmuv3/registers.ts';
import { ste } from '../../spec/smmuv3/ste.ts';
import { legacyContext, pasidEntry, scalableContext } from '../../spec/vtd/entries.ts';

/** Where a leaf of the world is. */
export type Path = readonly (string | number)[];

/** A field of a register or of an entry in memory, by the architecture's names. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** What words are: the structure's name, and its fields that are not zero. */
export interface Decoded {
  readonly name: string;
  readonly fields: readonly Field[];
}

const REGISTERS: Readonly<Record<string, Layout>> = {
  ...idRegisters,
  cr0,
  CR2: cr2,
  gbpa,
  GERROR: gerror,
  GERRORN: gerror,
  STRTAB_BASE: strtabBase,
  STRTAB_BASE_CFG: strtabBaseCfg,
  CMDQ_CONS: cmdqCons,
  EVENTQ_PROD: eventqProd,
};

/**
 * What a value of the world is, where it is a register or words whose structure its place tells; null where it is
 * something else.
 */
export function decodedAt(path: Path, value: unknown): Decoded | null {
  const last = path.at(-1);
  if (typeof last === 'string' && (typeof value === 'number' || typeof value === 'bigint')) {
    const of = Object.hasOwn(REGISTERS, last) ? REGISTERS[last] : undefined;
    return of === undefined ? null : recordOf(of.name, of, [BigInt(value)]);
  }
  return isWords(value) ? wordsAt(path, value) : null;
}

function isWords(value: unknown): value is readonly bigint[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'bigint');
}

function wordsAt(path: Path, words: readonly bigint[]): Decoded | null {
  const [part, under, table] = path;
  const last = path.at(-1);
  if (part === 'machine' && path.includes('streamTables')) return recordOf('STE', ste, words);
  if (part === 'machine' && under === 'driver' && table === 'contexts') return recordOf('CD', cd, words);
  if (part === 'machine' && under === 'stale' && last === 'words') return recordOf('STE', ste, words);
  if (part === 'vtd' && last === 'context')
    return words.length === legacyContext.words
      ? recordOf('context entry', legacyContext, words)
      : recordOf('context entry', scalableContext, words);
  if (part === 'vtd' && path.includes('entries')) return recordOf('PASID entry', pasidEntry, words);
  if (last === 'words' && (path.includes('events') || path.includes('records'))) return eventOf(words);
  if (path.includes('commands')) return commandOf(words);
  if (last === 'ste' || last === 'words') return recordOf('STE', ste, words);
  return null;
}

function eventOf(words: readonly bigint[]): Decoded | null {
  const event = decodeEvent(words);
  return event === undefined ? null : recordOf(event.name, events[event.name].layout, words, 0xffn);
}

function commandOf(words: readonly bigint[]): Decoded | null {
  const command = decodeCommand(words);
  return command === undefined ? null : recordOf(command.name, commands[command.name].layout, words, 0xffn);
}

/** The fields that are not zero; `code`: bits of the first word that the name already tells. */
function recordOf(name: string, of: Layout, words: readonly bigint[], code = 0n): Decoded {
  const record = decode(of, words) as Readonly<Record<string, number | bigint>>;
  const fields = of.plan.flatMap(({ name: field }): readonly Field[] => {
    const value = record[field];
    if (value === undefined || BigInt(value) === 0n) return [];
    return [{ name: field, value: fieldText(of.fields[field], value) }];
  });
  const known = maskOf(of);
  const rest = words.map((word, at) => word & ~((known[at] ?? 0n) | (at === 0 ? code : 0n)));
  const reserved = rest.some((word) => word !== 0n)
    ? [{ name: 'reserved', value: rest.map((word) => `0x${word.toString(16)}`).join(' ') }]
    : [];
  return { name, fields: [...fields, ...reserved] };
}

function fieldText(field: BitField | undefined, value: number | bigint): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return (field && nameOfValue(field, value)) ?? plainNumber(value);
}
