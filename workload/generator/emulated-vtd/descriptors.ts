import type { EmulatedVtd } from '../../../model/vtd/emulated/emulated.ts';
import { isQueued } from '../../../model/vtd/emulated/queue.ts';
import { descriptorWords } from '../../../model/vtd/emulated/registers.ts';
import type { QemuIotlbEntry } from '../../../model/vtd/qemu/unit.ts';
import { type Layout, maskOf } from '../../../spec/bits.ts';
import {
  ContextGranularity,
  type DescriptorName,
  descriptors,
  encodeDescriptor,
  IotlbGranularity,
  PasidCacheGranularity,
  PasidIotlbGranularity,
} from '../../../spec/vtd/descriptor.ts';
import { VTD_LAYOUT } from '../../scopes/emulated-vtd-memory.ts';
import { type Draw, oneIn, pick, pickAny } from '../choice.ts';
import { drawWord } from '../emulated/any-field.ts';
import { drawInputPage } from './dma.ts';
import { drawSource, guest, type VtdMove } from './move.ts';

const drawDomain = (draw: Draw): number => 1 + draw(3);

/** One that the guest may well mean. */
function drawSensible({ vtd }: EmulatedVtd, draw: Draw): readonly bigint[] {
  const DID = drawDomain(draw);
  const ADDR = drawInputPage(draw);
  const AM = oneIn(4, draw) ? draw(64) : draw(4);
  const PASID = oneIn(8, draw) ? draw(3) : 0;
  switch (draw(vtd.unit.scalable ? 11 : 6)) {
    case 0:
    case 1: {
      const G = pick(Object.values(ContextGranularity), draw);
      return encodeDescriptor('CONTEXT_CACHE', { G, DID, SID: drawSource(draw), FM: draw(4) });
    }
    case 2:
    case 3: {
      const G = pick(Object.values(IotlbGranularity), draw);
      return encodeDescriptor('IOTLB', { G, DID, ADDR, AM, IH: draw(2), DR: draw(2), DW: draw(2) });
    }
    case 4: {
      const flags = pick(
        [{ SW: 1 }, { SW: 1 }, { IF: 1 }, { SW: 1, FN: 1 }, { FN: 1 }, { IF: 1, FN: 1 }],
        draw,
      );
      const STATUS_ADDRESS = oneIn(10, draw) ? 1n << 40n : VTD_LAYOUT.status + BigInt(4 * draw(4));
      return encodeDescriptor('WAIT', { ...flags, STATUS_DATA: draw(256), STATUS_ADDRESS });
    }
    case 5:
      return encodeDescriptor('DEVICE_TLB', { SID: drawSource(draw), ADDR, S: draw(2) });
    case 6:
    case 7: {
      const G = pick(Object.values(PasidCacheGranularity), draw);
      return encodeDescriptor('PASID_CACHE', { G, DID, PASID });
    }
    case 8:
    case 9: {
      const G = pick(Object.values(PasidIotlbGranularity), draw);
      return encodeDescriptor('PASID_IOTLB', { G, DID, PASID, ADDR, AM, IH: draw(2) });
    }
    default:
      return encodeDescriptor('PASID_DEVICE_TLB', { SID: drawSource(draw), PASID, ADDR, S: draw(2) });
  }
}

/** Pages around one that is cached: they begin before it, at it or behind it. */
function covering(entry: QemuIotlbEntry | undefined, draw: Draw): readonly bigint[] | null {
  if (entry === undefined) return null;
  const { page, domainId: DID } = entry;
  const ADDR = (page + BigInt(draw(5)) - 2n) << 12n;
  if (ADDR < 0n) return null;
  const AM = draw(4);
  return entry.firstStage && oneIn(2, draw)
    ? encodeDescriptor('PASID_IOTLB', { G: PasidIotlbGranularity.Page, DID, ADDR, AM })
    : encodeDescriptor('IOTLB', { G: IotlbGranularity.Page, DID, ADDR, AM });
}

const NAMES = Object.keys(descriptors) as DescriptorName[];

/** Any there is, or none, with any bits in its fields or beside them. */
function drawAny(draw: Draw): readonly bigint[] {
  if (oneIn(8, draw)) return [BigInt(draw(0x1000)), 0n, 0n, 0n];
  const name = pick(NAMES, draw);
  const plain = encodeDescriptor(name, {});
  const mask = maskOf(descriptors[name].layout as Layout);
  const words = plain.map((word, at) => (at < 2 ? word | (drawWord(draw) & (mask[at] ?? 0n)) : word));
  return oneIn(3, draw) ? words.with(draw(4), 1n << BigInt(draw(64))) : words;
}

export const queueDescriptors: VtdMove = {
  weight: (state) => (isQueued(state) ? (Object.keys(state.vtd.iotlb).length > 0 ? 20 : 8) : 1),
  make(state, draw) {
    const size = descriptorWords(state.registers);
    const words: bigint[] = [];
    for (let count = 1 + draw(3); count > 0; count--) {
      const cached = oneIn(3, draw) ? covering(pickAny(Object.values(state.vtd.iotlb), draw), draw) : null;
      const one = oneIn(30, draw) ? drawAny(draw) : (cached ?? drawSensible(state, draw));
      words.push(...one.slice(0, size));
    }
    return guest('vtdDescriptors', { words });
  },
};
