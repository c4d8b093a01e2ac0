import type { ArgValue, Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Out } from '../../model/world/result.ts';
import { type BitField, decode, type Layout, maskOf, nameOfValue } from '../../spec/bits.ts';
import type { WordsFormat } from '../../spec/command/handle.ts';
import { numberText, plainNumber } from '../../spec/command/names.ts';
import { commands, decodeCommand } from '../../spec/smmuv3/command.ts';
import { decodeEvent, events } from '../../spec/smmuv3/event.ts';
import { ste } from '../../spec/smmuv3/ste.ts';
import { hex } from '../trace/values.ts';

/** `command(arg=value, …)`: what the trace gives, in the order of the interface, with the interfaces' names for flags, types and words. */
export function callText(call: Call): string {
  const args = Object.keys(COMMANDS[call.command].args).flatMap((name) => {
    const value = call.args[name];
    return value === undefined ? [] : [`${name}=${argText(call, name, value)}`];
  });
  return `${call.command}(${args.join(', ')})`;
}

/** One argument by the names of its interface. */
export function argText(call: Call, name: string, value: ArgValue): string {
  if (typeof value === 'number') {
    const argument = COMMANDS[call.command].args[name];
    return argument?.kind === 'number' ? numberText(argument, value) : plainNumber(value);
  }
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'object' && value !== null) return wordsText(call, name, value);
  return String(value);
}

/** One output field; of a long answer only how long it is. */
export function outText(call: Call, out: string, value: Out[string]): string {
  return typeof value === 'object' && value.length > 8
    ? `[${value.length} words]`
    : argText(call, out, value);
}

function wordsText(call: Call, name: string, words: readonly bigint[]): string {
  const argument = COMMANDS[call.command].args[name];
  if (argument?.kind !== 'words' || argument.holds === undefined) return rawText(words);
  const { holds, where } = argument;
  if (where !== undefined && call.args[where.argument] !== where.is) return rawText(words);
  // Entries of another length are no SMMUv3 commands: VT-d's have 24 bytes.
  const { entryLen } = call.args;
  if (holds === 'commands' && typeof entryLen === 'number' && entryLen !== COMMAND_BYTES)
    return rawText(words);
  const text = WORDS[holds](words);
  const usual = usualWords(holds, call);
  // Fields that are zero are not printed: how many words there are must be told where it is not the usual number.
  return usual === null || words.length === usual ? text : `${text}/${words.length}`;
}

/** How many words a record has; of a call that says how long its data is, as many as it says. */
function usualWords(holds: WordsFormat, { command, args: { dataLen } }: Call): number | null {
  if (holds !== 'ste' && holds !== 'event') return null;
  if (typeof dataLen === 'number') return Math.ceil(dataLen / 8);
  if (holds === 'event') return EVENT_WORDS;
  return command === 'hwptAlloc' ? HWPT_WORDS : ste.words;
}

const EVENT_WORDS = 4;
const COMMAND_BYTES = 16;

/** struct iommu_hwpt_arm_smmuv3 has the first two words of an STE. */
const HWPT_WORDS = 2;

function rawText(words: readonly bigint[]): string {
  return `[${words.map(hex).join(', ')}]`;
}

/** The words of a stream table entry, from its first. */
export function steText(words: readonly bigint[]): string {
  return recordText('STE', ste, words);
}

/** Guest invalidation commands, two words each. */
export function commandsText(words: readonly bigint[]): string {
  const texts: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const pair = words.slice(at, at + 2);
    const command = decodeCommand(pair);
    const text = command && recordText(command.name, commands[command.name].layout, pair, 0xffn);
    texts.push(text ?? rawText(pair));
  }
  if (words.length % 2 === 1) texts.push(rawText(words.slice(-1)));
  return `[${texts.join(', ')}]`;
}

/** An event record of four words. */
export function eventText(words: readonly bigint[]): string {
  const event = decodeEvent(words);
  return event === undefined
    ? rawText(words)
    : recordText(event.name, events[event.name].layout, words, 0xffn);
}

/** Pairs of first and last address. */
function rangesText(words: readonly bigint[]): string {
  const texts: string[] = [];
  for (let at = 0; at < words.length; at += 2) {
    texts.push(
      words
        .slice(at, at + 2)
        .map(hex)
        .join('-'),
    );
  }
  return `[${texts.join(', ')}]`;
}

/** How words are printed, by what is declared of them. */
const WORDS: Readonly<Record<WordsFormat, (words: readonly bigint[]) => string>> = {
  ste: steText,
  commands: commandsText,
  event: eventText,
  ranges: rangesText,
};

/**
 * `STE{V=1 Config=S1Trans}`: the fields that are not zero, by the architecture's names. `code`: bits of the first
 * word that the name already tells. Bits that belong to no field follow as raw words.
 */
function recordText(name: string, of: Layout, words: readonly bigint[], code = 0n): string {
  const record = decode(of, words);
  const fields = of.plan.flatMap(({ name: field }) => {
    const value = record[field];
    if (value === undefined || BigInt(value) === 0n) return [];
    return [`${field}=${fieldText(of.fields[field], value)}`];
  });
  const known = maskOf(of);
  const reserved = words.map((word, at) => word & ~((known[at] ?? 0n) | (at === 0 ? code : 0n)));
  if (reserved.some((word) => word !== 0n)) fields.push(`reserved=${rawText(reserved)}`);
  return `${name}{${fields.join(' ')}}`;
}

function fieldText(field: BitField | undefined, value: number | bigint): string {
  if (typeof value === 'bigint') return hex(value);
  return (field && nameOfValue(field, value)) ?? plainNumber(value);
}
