import { decode } from '../../../spec/bits.ts';
import { type Command, decodeCommand } from '../../../spec/smmuv3/command.ts';
import { idr3 } from '../../../spec/smmuv3/id-registers.ts';
import {
  type AddressFields,
  addressesNamed,
  atcPagesNamed,
  type ConfigurationNamed,
  configurationNamed,
  type TagsNamed,
  tagsNamed,
} from '../../../spec/smmuv3/invalidation.ts';
import { EVERY_PAGE, NO_PAGES, type PageRange, type Pages, pagesOf } from '../../caches/pages.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Covers } from './entry-pieces.ts';
import { pageOf } from './mappings.ts';
import type { SmmuMachineRules } from './rules.ts';
import { streamsOf } from './streams.ts';

const NOTHING: Covers = () => NO_PAGES;

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
      return {
        family: `ATC.${StreamID}.${SSV}.${SubstreamID}.${Global}`,
        range: atcPagesNamed(command.fields),
      };
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
  if (command.name === 'ATC_INV') return atc(platform, smmu, command, pages);
  const tags = tagsNamed(command);
  if (tags !== null) return translations(smmu, tags, 'Address' in command.fields ? pages : EVERY_PAGE);
  const configuration = configurationNamed(command, rules.steRangeCovers);
  return configuration === null ? NOTHING : configurations(platform, smmu, configuration);
}

/** Translations stay. */
function configurations(platform: Platform, smmu: number, named: ConfigurationNamed): Covers {
  const streams = streamsOf(platform);
  const { ste, substream } = named;
  return (entry) => {
    if (entry.cache === 'cd') {
      if (substream !== null && substream !== entry.index) return NO_PAGES;
    } else if (entry.cache !== 'ste' || !ste) return NO_PAGES;
    const stream = streams[entry.stream];
    return stream !== undefined && stream.smmu === smmu && named.stream(stream.streamId)
      ? EVERY_PAGE
      : NO_PAGES;
  };
}

function translations(smmu: number, tags: TagsNamed, pages: Pages): Covers {
  return (entry) =>
    entry.cache === 'tlb' && entry.smmu === smmu && tags(entry.vmid, entry.asid, entry.holds === 'stage2')
      ? pages
      : NO_PAGES;
}

function rangeOf(fields: AddressFields, ranges: boolean): PageRange | null {
  const range = addressesNamed(fields, { ranges, ...PAGES });
  return range === null ? null : { first: pageOf(range.first), last: pageOf(range.last) };
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
