import { decode } from '../../../spec/bits.ts';
import { type Command, decodeCommand } from '../../../spec/smmuv3/command.ts';
import { idr3 } from '../../../spec/smmuv3/id-registers.ts';
import { type AddressFields, addressesNamed } from '../../../spec/smmuv3/invalidation.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Entry, TlbEntry } from './entry.ts';
import type { Covers } from './entry-pieces.ts';
import { pageOf } from './mappings.ts';
import { EVERY_PAGE, NO_PAGES, type PageRange, type Pages, pagesOf } from './pages.ts';
import type { SmmuMachineRules } from './rules.ts';
import { streamsOf } from './streams.ts';

const NOTHING: Covers = () => NO_PAGES;

/** All of the entries that a test accepts. */
function wholly(accepts: (entry: Entry) => boolean): Covers {
  return (entry) => (accepts(entry) ? EVERY_PAGE : NO_PAGES);
}

/** CMD_ATC_INV's Size that means everything. */
const EVERY_ADDRESS = 52;

/** Every translation here: tables have a granule of 4 KiB, and map pages. */
const PAGES = { granule: 12, level: 3 };

/** The scope of a command on a pSMMU's queue (IHI0070 4.3 to 4.5). What invalidates nothing covers nothing. */
export function coverageOf(
  platform: Platform,
  smmu: number,
  words: CommandWords,
  rules: SmmuMachineRules,
): Covers {
  return coveragesOf(platform, smmu, [words], rules)[0] ?? NOTHING;
}

/**
 * The scopes of several commands. Those that differ in their addresses only, have one together: none of the translations
 * that they take away leads to another, so that it does not matter which of them comes last.
 */
export function coveragesOf(
  platform: Platform,
  smmu: number,
  list: readonly CommandWords[],
  rules: SmmuMachineRules,
): readonly Covers[] {
  const ranged = decode(idr3, [BigInt(platform.iommus[smmu]?.idr[3] ?? 0)]).RIL === 1;
  const families = new Map<string, { readonly command: Command; readonly ranges: PageRange[] }>();
  for (const words of list) {
    const command = rules.rejectsCommand(words) ? undefined : decodeCommand(words);
    if (command === undefined) continue;
    const { family, range } = rangeIn(command, words, ranged);
    const known = families.get(family);
    if (known === undefined) families.set(family, { command, ranges: range === null ? [] : [range] });
    else if (range !== null) known.ranges.push(range);
  }
  return [...families.values()].map(({ command, ranges }) =>
    scopeOf(platform, smmu, command, pagesOf(ranges), rules),
  );
}

interface InFamily {
  /** The same for commands that differ in their addresses only. */
  readonly family: string;
  /** The input pages; null: none. */
  readonly range: PageRange | null;
}

function rangeIn(command: Command, words: CommandWords, ranged: boolean): InFamily {
  switch (command.name) {
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
    case 'TLBI_S2_IPA': {
      const { VMID } = command.fields;
      const asid = command.name === 'TLBI_NH_VA' ? command.fields.ASID : '';
      return { family: `${command.name}.${VMID}.${asid}`, range: rangeOf(command.fields, ranged) };
    }
    case 'ATC_INV': {
      const { StreamID, SSV, SubstreamID, Global } = command.fields;
      return { family: `ATC.${StreamID}.${SSV}.${SubstreamID}.${Global}`, range: atcRange(command.fields) };
    }
    default:
      return { family: words.join(), range: null };
  }
}

function scopeOf(
  platform: Platform,
  smmu: number,
  command: Command,
  pages: Pages,
  rules: SmmuMachineRules,
): Covers {
  switch (command.name) {
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
    case 'CFGI_CD':
    case 'CFGI_CD_ALL':
      return configuration(platform, smmu, command, rules);
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
    case 'TLBI_S2_IPA':
      return translations(smmu, command, pages);
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_ASID':
    case 'TLBI_S12_VMALL':
    case 'TLBI_NSNH_ALL':
      return translations(smmu, command, EVERY_PAGE);
    case 'ATC_INV':
      return atc(platform, smmu, command, pages);
    default:
      return NOTHING;
  }
}

/** An STE takes the CDs that were found through it along; translations stay. */
function configuration(
  platform: Platform,
  smmu: number,
  command: Command<'CFGI_STE' | 'CFGI_STE_RANGE' | 'CFGI_CD' | 'CFGI_CD_ALL'>,
  rules: SmmuMachineRules,
): Covers {
  const streams = streamsOf(platform);
  const { StreamID } = command.fields;
  const isStream = (index: number, streamId: (id: number) => boolean): boolean => {
    const stream = streams[index];
    return stream !== undefined && stream.smmu === smmu && streamId(stream.streamId);
  };
  const isIt = (id: number): boolean => id === StreamID;
  switch (command.name) {
    case 'CFGI_STE':
      return wholly(
        (entry) => (entry.cache === 'ste' || entry.cache === 'cd') && isStream(entry.stream, isIt),
      );
    case 'CFGI_STE_RANGE': {
      const { Range } = command.fields;
      const inRange = (id: number): boolean => rules.steRangeCovers(StreamID, Range, id);
      return wholly(
        (entry) => (entry.cache === 'ste' || entry.cache === 'cd') && isStream(entry.stream, inRange),
      );
    }
    case 'CFGI_CD': {
      const { SubstreamID } = command.fields;
      return wholly(
        (entry) => entry.cache === 'cd' && entry.index === SubstreamID && isStream(entry.stream, isIt),
      );
    }
    case 'CFGI_CD_ALL':
      return wholly((entry) => entry.cache === 'cd' && isStream(entry.stream, isIt));
  }
}

type Tlbi = Command<
  | 'TLBI_NH_ALL'
  | 'TLBI_NH_ASID'
  | 'TLBI_NH_VA'
  | 'TLBI_NH_VAA'
  | 'TLBI_S12_VMALL'
  | 'TLBI_S2_IPA'
  | 'TLBI_NSNH_ALL'
>;

function translations(smmu: number, command: Tlbi, pages: Pages): Covers {
  const matches = matchesOf(command);
  return (entry) => (entry.cache === 'tlb' && entry.smmu === smmu && matches(entry) ? pages : NO_PAGES);
}

/** NH commands take stage-1 and nested translations of the VMID; those of stage 2 alone go by S2_IPA and VMALL only. */
function matchesOf(command: Tlbi): (entry: TlbEntry) => boolean {
  if (command.name === 'TLBI_NSNH_ALL') return () => true;
  const { VMID } = command.fields;
  switch (command.name) {
    case 'TLBI_S12_VMALL':
      return ({ vmid }) => vmid === VMID;
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_VAA':
      return ({ vmid, holds }) => vmid === VMID && holds !== 'stage2';
    case 'TLBI_NH_ASID': {
      const { ASID } = command.fields;
      return ({ vmid, holds, asid }) => vmid === VMID && holds !== 'stage2' && asid === ASID;
    }
    case 'TLBI_NH_VA': {
      const { ASID } = command.fields;
      return ({ vmid, holds, asid }) =>
        vmid === VMID && holds !== 'stage2' && (asid === null || asid === ASID);
    }
    case 'TLBI_S2_IPA':
      return ({ vmid, holds }) => vmid === VMID && holds === 'stage2';
  }
}

function rangeOf(fields: AddressFields, ranges: boolean): PageRange | null {
  const range = addressesNamed(fields, { ranges, ...PAGES });
  return range === null ? null : { first: pageOf(range.first), last: pageOf(range.last) };
}

/** Size pages, aligned to their number (IHI0070 4.5.1). */
function atcRange({ Size, Address }: { readonly Size: number; readonly Address: bigint }): PageRange {
  if (Size >= EVERY_ADDRESS) return { first: 0, last: Number.POSITIVE_INFINITY };
  const first = Math.floor(pageOf(Address) / 2 ** Size) * 2 ** Size;
  return { first, last: first + 2 ** Size - 1 };
}

/** Without a SubstreamID the entries of all of them go. */
function atc(platform: Platform, smmu: number, { fields }: Command<'ATC_INV'>, pages: Pages): Covers {
  const streams = streamsOf(platform);
  const { StreamID, SSV, SubstreamID, Global } = fields;
  return (entry) => {
    if (entry.cache !== 'atc') return NO_PAGES;
    const stream = streams[entry.stream];
    if (stream === undefined || stream.smmu !== smmu || stream.streamId !== StreamID) return NO_PAGES;
    return SSV === 1 && Global === 0 && entry.ssid !== SubstreamID ? NO_PAGES : pages;
  };
}
