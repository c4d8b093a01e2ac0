import { type BitField, encode, type Layout, type RecordOf } from '../../spec/bits.ts';
import { commands } from '../../spec/smmuv3/command.ts';
import { events } from '../../spec/smmuv3/event.ts';
import { ste } from '../../spec/smmuv3/ste.ts';
import { readU64, readWords } from '../trace/values.ts';
import { splitTop } from './split.ts';

/** A record that can be written by the architecture's names, and the bits that its name stands for. */
interface Named {
  readonly layout: Layout;
  readonly code: number;
}

const RECORDS: ReadonlyMap<string, Named> = new Map<string, Named>([
  ['STE', { layout: ste, code: 0 }],
  ...Object.entries(commands).map(([name, { layout, opcode }]) => [name, { layout, code: opcode }] as const),
  ...Object.entries(events).map(([name, { layout, type }]) => [name, { layout, code: type }] as const),
]);

/**
 * Words as reports print them: `null`, `[0x1, 0x2]`, `STE{V=1 Config=S1Trans}` (`/2`: its first two), a list of commands, ranges
 * `[0x0-0xfff]`. Null where memory cannot be read; a sentence where the text is none of these.
 */
export function wordsOfText(text: string): readonly bigint[] | null | string {
  if (text === 'null') return null;
  if (!text.startsWith('[')) return recordWords(text);
  if (!text.endsWith(']')) return `expected ] at the end of '${text}'`;
  const words: bigint[] = [];
  for (const part of splitTop(text.slice(1, -1), ',')) {
    const found = elementWords(part);
    if (typeof found === 'string') return found;
    words.push(...found);
  }
  return words;
}

function elementWords(text: string): readonly bigint[] | string {
  if (text.startsWith('[')) {
    const words = wordsOfText(text);
    return words ?? 'expected words';
  }
  const range = /^(\w+)-(\w+)$/.exec(text);
  const numbers = range === null ? readWords([text]) : readWords([range[1], range[2]]);
  return numbers ?? recordWords(text);
}

/** `CFGI_STE{StreamID=5 Leaf=1}` */
function recordWords(text: string): readonly bigint[] | string {
  const [, name = '', inner = '', count] = /^(\w+)(?:\{(.*)\})?(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const named = RECORDS.get(name);
  if (named === undefined) return `expected words such as [0x1, 0x0], STE{…} or CFGI_STE{…}, got '${text}'`;
  const record: Record<string, number | bigint> = {};
  let reserved: readonly bigint[] = [];
  for (const part of splitTop(inner, ' ')) {
    const at = part.indexOf('=');
    const [field, value] = [part.slice(0, at), part.slice(at + 1)];
    if (field === 'reserved') {
      const words = readWords(splitTop(value.slice(1, -1), ','));
      if (words === null) return `expected ${name}.reserved to be words`;
      reserved = words;
      continue;
    }
    const known = Object.hasOwn(named.layout.fields, field) ? named.layout.fields[field] : undefined;
    if (known === undefined)
      return `unknown field '${part}' of ${name}; known: ${Object.keys(named.layout.fields).join(', ')}`;
    const number = fieldValue(known, value);
    if (number === null) return `expected ${name}.${field} to be a number or one of ${valuesOf(known)}`;
    record[field] = number;
  }
  // Each value was read for its own field: which are numbers and which bigints, only the table knows.
  const words: bigint[] = encode(named.layout, record as Partial<RecordOf<Layout>>);
  words[0] = (words[0] ?? 0n) | BigInt(named.code);
  const length = count === undefined ? words.length : Number(count);
  return Array.from({ length }, (_, at) => (words[at] ?? 0n) | (reserved[at] ?? 0n));
}

function fieldValue(field: BitField, text: string): number | bigint | null {
  const byName =
    field.values !== undefined && Object.hasOwn(field.values, text) ? field.values[text] : undefined;
  if (byName !== undefined) return byName;
  const value = readU64(text);
  const width = BigInt(field.width + (field.address === true ? field.lsb : 0));
  if (value === null || value >= 1n << width) return null;
  return field.address === true || field.width > 32 ? value : Number(value);
}

function valuesOf({ values }: BitField): string {
  return Object.keys(values ?? {}).join(', ') || 'none';
}
