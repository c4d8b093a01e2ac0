import type { Pages } from '../../model/caches/pages.ts';
import type { CommandWords } from '../../model/iommufd/drivers/driver.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Entry } from '../../model/smmu/machine/entry.ts';
import type { Covers } from '../../model/smmu/machine/entry-pieces.ts';
import { bits } from '../own/bits.ts';
import { asidOf, OPCODE, opcodeOf, rangeHas, streamOf, substreamOf, vmidOf } from '../own/command.ts';

/*
 * What an invalidation on a pSMMU's queue takes of what its caches and ATCs hold, by bits of its words (IHI0070 4.3 to 4.5) and by
 * itself: the machine whose caches are judged has its own reading of them.
 */

const NOTHING: Pages = [];
const ALL: Pages = [{ first: 0, last: Number.POSITIVE_INFINITY }];

/** The StreamIDs of a platform, device by device: what `stream` of an entry counts. */
function streamsOf({ devices }: Platform): readonly (readonly [smmu: number, streamId: number])[] {
  return devices.flatMap(({ iommu, streamIds }) => streamIds.map((id) => [iommu, id] as const));
}

/**
 * What the address of a TLBI names of pages of 4 KiB at level 3. An SMMU may refuse one with neither a level nor a length (4.4.1), and
 * without RIL one with any of these fields, which are RES0 then: nothing goes for certain.
 */
function pagesOf([first, second]: CommandWords, ranges: boolean): Pages {
  const page = Number(second >> 12n);
  const [granule, level] = [bits(second, 10, 2), bits(second, 8, 2)];
  const [count, scale] = [bits(first, 12, 5), bits(first, 20, 5)];
  const isPlain = granule === 0 && level === 0 && count === 0 && scale === 0;
  if (granule === 0 && (ranges || isPlain)) return [{ first: page, last: page }];
  if (!ranges || granule !== 1 || (level !== 0 && level !== 3)) return NOTHING;
  if (level === 0 && count === 0 && scale === 0) return NOTHING;
  return [{ first: page, last: page + (count + 1) * 2 ** scale - 1 }];
}

/** What an ATC_INV names: 2^Size pages, of which 2^52 are all. */
function atcPagesOf([, second]: CommandWords): Pages {
  const count = 2 ** bits(second, 0, 6);
  if (count >= 2 ** 52) return ALL;
  const first = Math.floor(Number(second >> 12n) / count) * count;
  return [{ first, last: first + count - 1 }];
}

function ofTlb(words: CommandWords, entry: Extract<Entry, { cache: 'tlb' }>, ranges: boolean): Pages {
  const opcode = opcodeOf(words);
  const isOfStage2 = entry.holds === 'stage2';
  if (opcode === OPCODE.NSNH_ALL) return ALL;
  if (vmidOf(words) !== entry.vmid) return NOTHING;
  const asid = asidOf(words);
  switch (opcode) {
    case OPCODE.S12_VMALL:
      return ALL;
    case OPCODE.S2_IPA:
      return isOfStage2 ? pagesOf(words, ranges) : NOTHING;
    case OPCODE.NH_ALL:
      return isOfStage2 ? NOTHING : ALL;
    case OPCODE.NH_ASID:
      return !isOfStage2 && entry.asid === asid ? ALL : NOTHING;
    case OPCODE.NH_VA:
      return !isOfStage2 && (entry.asid === null || entry.asid === asid) ? pagesOf(words, ranges) : NOTHING;
    case OPCODE.NH_VAA:
      return isOfStage2 ? NOTHING : pagesOf(words, ranges);
    default:
      return NOTHING;
  }
}

/** With Global, or without a SubstreamID, the entries of every substream go. */
function ofAtc(words: CommandWords, ssid: number | null): Pages {
  const [first] = words;
  if (opcodeOf(words) !== OPCODE.ATC_INV) return NOTHING;
  const isOfOne = bits(first, 11, 1) === 1 && bits(first, 9, 1) === 0;
  return isOfOne && substreamOf(words) !== ssid ? NOTHING : atcPagesOf(words);
}

/** What CFGI commands take of a stream; an STE takes its CDs along. */
function ofConfiguration(words: CommandWords, entry: Extract<Entry, { cache: 'ste' | 'cd' }>): Pages {
  const opcode = opcodeOf(words);
  if (opcode === OPCODE.CFGI_STE || opcode === OPCODE.CFGI_STE_RANGE) return ALL;
  if (entry.cache === 'ste') return NOTHING;
  const isOfIt =
    opcode === OPCODE.CFGI_CD_ALL || (opcode === OPCODE.CFGI_CD && substreamOf(words) === entry.index);
  return isOfIt ? ALL : NOTHING;
}

function namesStream(words: CommandWords, streamId: number): boolean {
  return opcodeOf(words) === OPCODE.CFGI_STE_RANGE ? rangeHas(words, streamId) : streamOf(words) === streamId;
}

export function ownCoverage(platform: Platform, smmu: number, words: CommandWords): Covers {
  const ranges = bits(BigInt(platform.iommus[smmu]?.idr[3] ?? 0), 10, 1) === 1;
  const streams = streamsOf(platform);
  return (entry) => {
    if (entry.cache === 'tlb') return entry.smmu === smmu ? ofTlb(words, entry, ranges) : NOTHING;
    const [iommu, streamId] = streams[entry.stream] ?? [];
    if (iommu !== smmu || streamId === undefined || !namesStream(words, streamId)) return NOTHING;
    return entry.cache === 'atc' ? ofAtc(words, entry.ssid) : ofConfiguration(words, entry);
  };
}
