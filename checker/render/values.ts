import { match, P } from 'ts-pattern';
import type { CommandName } from '../../model/world/command.ts';
import type { Out } from '../../model/world/result.ts';
import { type BitField, decode, type Layout, maskOf, nameOfValue } from '../../spec/bits.ts';
import {
  HW_INFO,
  HW_INFO_TYPE,
  HWPT_ALLOC,
  HWPT_DATA,
  IOAS_MAP,
  OPTION,
  OPTION_OP,
  VEVENTQ_TYPE,
  VIOMMU_TYPE,
} from '../../spec/iommufd/constants.ts';
import { commands, decodeCommand } from '../../spec/smmuv3/command.ts';
import { decodeEvent, events } from '../../spec/smmuv3/event.ts';
import { ste } from '../../spec/smmuv3/ste.ts';
import { VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import type { ArgValue, Call } from '../../workload/commands/call.ts';
import { SHAPES } from '../../workload/commands/shapes.ts';
import { hex } from '../trace/values.ts';

type Names = Readonly<Record<string, number>>;

/** `command(arg=value, …)`: what the trace gives, in the order of the interface, with the interfaces' names for flags, types and words. */
export function callText(call: Call): string {
  const args = Object.keys(SHAPES[call.command].args).flatMap((name) => {
    const value = call.args[name];
    return value === undefined ? [] : [`${name}=${argText(call, name, value)}`];
  });
  return `${call.command}(${args.join(', ')})`;
}

/** One argument by the names of its interface. */
export function argText(call: Call, name: string, value: ArgValue): string {
  if (typeof value === 'number') return numberText(call.command, name, value);
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'object' && value !== null) return wordsText(call, value);
  return String(value);
}

/** One output field; of a long answer only how long it is. */
export function outText(call: Call, out: string, value: Out[string]): string {
  return typeof value === 'object' && value.length > 8
    ? `[${value.length} words]`
    : argText(call, out, value);
}

function numberText(command: CommandName, name: string, value: number): string {
  return match<[string, string], string>([command, name])
    .with(['hwptAlloc', 'flags'], () => flagsText(HWPT_ALLOC, value))
    .with(['hwptAlloc', 'dataType'], () => named(HWPT_DATA, value))
    .with([P.union('ioasMap', 'ioasMapFile', 'ioasCopy'), 'flags'], () => flagsText(IOAS_MAP, value))
    .with(['getHwInfo', 'flags'], () => flagsText(HW_INFO, value))
    .with(['getHwInfo', 'dataType'], () => named(HW_INFO_TYPE, value))
    .with(['viommuAlloc', 'type'], () => named(VIOMMU_TYPE, value))
    .with(['veventqAlloc', 'type'], () => named(VEVENTQ_TYPE, value))
    .with(['option', 'optionId'], () => named(OPTION, value))
    .with(['option', 'op'], () => named(OPTION_OP, value))
    .with(['vfioSetIrqs', 'flags'], () => flagsText(VFIO_IRQ_SET, value))
    .with(['vfioSetIrqs', 'index'], () => (value === VFIO_PCI.MSI_IRQ ? 'MSI' : String(value)))
    .otherwise(() => plainNumber(value));
}

function plainNumber(value: number): string {
  return value >= 4096 ? `0x${value.toString(16)}` : String(value);
}

function named(names: Names, value: number): string {
  return Object.entries(names).find(([, each]) => each === value)?.[0] ?? plainNumber(value);
}

/** `NEST_PARENT|PASID`; bits without a name in hexadecimal. */
function flagsText(names: Names, value: number): string {
  if (value === 0) return '0';
  const set = Object.entries(names).filter(([, bit]) => (value & bit) === bit);
  const rest = set.reduce((left, [, bit]) => left & ~bit, value) >>> 0;
  return [...set.map(([name]) => name), ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join('|');
}

function wordsText(call: Call, words: readonly bigint[]): string {
  return match(call)
    .with({ command: 'hwptAlloc', args: { dataType: HWPT_DATA.ARM_SMMUV3 } }, () => steText(words))
    .with({ command: 'writeSte' }, () => steText(words))
    .with({ command: P.union('hwptInvalidate', 'issueCommands') }, () => commandsText(words))
    .with({ command: 'smmuEvent' }, () => eventText(words))
    .with({ command: 'ioasAllowIovas' }, () => rangesText(words))
    .otherwise(() => rawText(words));
}

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
