import { decode } from '../../../spec/bits.ts';
import { type Command, decodeCommand } from '../../../spec/smmuv3/command.ts';
import { idr3 } from '../../../spec/smmuv3/id-registers.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Entry, Run, TlbEntry } from './entry.ts';
import { pageOf } from './mappings.ts';
import type { SmmuMachineRules } from './rules.ts';
import { streamsOf } from './streams.ts';

/** Whether an invalidation takes an entry of its pSMMU, or of a device behind it, away once it has completed. */
export type Covers = (entry: Entry) => boolean;

const NOTHING: Covers = () => false;

/** CMD_ATC_INV's Size and CMD_CFGI_STE_RANGE's Range that mean everything. */
const EVERY_ADDRESS = 52;
const EVERY_STREAM = 31;

/** TG and TTL of every translation here: tables have a granule of 4 KiB, and map pages. */
const TG_4K = 1;
const PAGE_LEVEL = 3;

/** The scope of a command on a pSMMU's queue (IHI0070 4.3 to 4.5). What invalidates nothing covers nothing. */
export function coverageOf(
  platform: Platform,
  smmu: number,
  words: CommandWords,
  rules: SmmuMachineRules,
): Covers {
  if (rules.rejectsCommand(words)) return NOTHING;
  const command = decodeCommand(words);
  switch (command?.name) {
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
    case 'CFGI_CD':
    case 'CFGI_CD_ALL':
      return configuration(platform, smmu, command, rules);
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_ASID':
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
    case 'TLBI_S12_VMALL':
    case 'TLBI_S2_IPA':
    case 'TLBI_NSNH_ALL':
      return translations(platform, smmu, command);
    case 'ATC_INV':
      return atc(platform, smmu, command);
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
      return (entry) => (entry.cache === 'ste' || entry.cache === 'cd') && isStream(entry.stream, isIt);
    case 'CFGI_STE_RANGE': {
      const { Range } = command.fields;
      const inRange =
        Range === EVERY_STREAM ? () => true : (id: number) => rules.steRangeCovers(StreamID, Range, id);
      return (entry) => (entry.cache === 'ste' || entry.cache === 'cd') && isStream(entry.stream, inRange);
    }
    case 'CFGI_CD': {
      const { SubstreamID } = command.fields;
      return (entry) => entry.cache === 'cd' && entry.index === SubstreamID && isStream(entry.stream, isIt);
    }
    case 'CFGI_CD_ALL':
      return (entry) => entry.cache === 'cd' && isStream(entry.stream, isIt);
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

function translations({ smmus }: Platform, smmu: number, command: Tlbi): Covers {
  const ranged = decode(idr3, [BigInt(smmus[smmu]?.idr[3] ?? 0)]).RIL === 1;
  const matches = matchesOf(command, ranged);
  return (entry) => entry.cache === 'tlb' && entry.smmu === smmu && matches(entry);
}

/** NH commands take stage-1 and nested translations of the VMID; those of stage 2 alone go by S2_IPA and VMALL only. */
function matchesOf(command: Tlbi, ranged: boolean): (entry: TlbEntry) => boolean {
  if (command.name === 'TLBI_NSNH_ALL') return () => true;
  const { VMID } = command.fields;
  switch (command.name) {
    case 'TLBI_S12_VMALL':
      return ({ vmid }) => vmid === VMID;
    case 'TLBI_NH_ALL':
      return ({ vmid, holds }) => vmid === VMID && holds !== 'stage2';
    case 'TLBI_NH_ASID': {
      const { ASID } = command.fields;
      return ({ vmid, holds, asid }) => vmid === VMID && holds !== 'stage2' && asid === ASID;
    }
    case 'TLBI_NH_VA': {
      const { ASID } = command.fields;
      const within = rangeOf(command.fields, ranged);
      return (entry) =>
        entry.vmid === VMID &&
        entry.holds !== 'stage2' &&
        (entry.asid === null || entry.asid === ASID) &&
        within(entry);
    }
    case 'TLBI_NH_VAA': {
      const within = rangeOf(command.fields, ranged);
      return (entry) => entry.vmid === VMID && entry.holds !== 'stage2' && within(entry);
    }
    case 'TLBI_S2_IPA': {
      const within = rangeOf(command.fields, ranged);
      return (entry) => entry.vmid === VMID && entry.holds === 'stage2' && within(entry);
    }
  }
}

interface RangeFields {
  readonly Address: bigint;
  readonly TG: number;
  readonly TTL: number;
  readonly NUM: number;
  readonly SCALE: number;
}

/**
 * The pages of a TLB invalidation (IHI0070 4.4.1): one, or, where the SMMU has ranges (IDR3.RIL) and TG asks for one,
 * (NUM + 1) * 2^SCALE granules. A range of another granule, or of another level than pages have, need not take anything
 * away. A run counts as covered where all of it is: hardware may hold each page by itself.
 */
function rangeOf({ Address, TG, TTL, NUM, SCALE }: RangeFields, ranged: boolean): (run: Run) => boolean {
  const start = pageOf(Address);
  if (!ranged || TG === 0) return ({ first, last }) => first === start && last === start;
  if (TG !== TG_4K || (TTL !== 0 && TTL !== PAGE_LEVEL)) return () => false;
  const end = start + (NUM + 1) * 2 ** SCALE;
  return ({ first, last }) => first >= start && last < end;
}

/** Without a SubstreamID the entries of all of them go (IHI0070 4.5.1); Size pages, aligned to their number. */
function atc(platform: Platform, smmu: number, { fields }: Command<'ATC_INV'>): Covers {
  const streams = streamsOf(platform);
  const { StreamID, SSV, SubstreamID, Global, Size, Address } = fields;
  const start = Size >= EVERY_ADDRESS ? 0 : Math.floor(pageOf(Address) / 2 ** Size) * 2 ** Size;
  const last = Size >= EVERY_ADDRESS ? Number.POSITIVE_INFINITY : start + 2 ** Size - 1;
  return (entry) => {
    if (entry.cache !== 'atc') return false;
    const stream = streams[entry.stream];
    if (stream === undefined || stream.smmu !== smmu || stream.streamId !== StreamID) return false;
    if (SSV === 1 && Global === 0 && entry.ssid !== SubstreamID) return false;
    return entry.first >= start && entry.last <= last;
  };
}
