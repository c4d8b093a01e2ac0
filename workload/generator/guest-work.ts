import type { Call } from '../../model/call.ts';
import type { Entry } from '../../model/smmu/machine/entry.ts';
import { type Stream, streamsOf } from '../../model/smmu/machine/streams.ts';
import type { Words } from '../../model/world/command.ts';
import { HWPT_DATA, IOAS_MAP, VIOMMU_INVALIDATE_DATA } from '../../spec/iommufd/constants.ts';
import { encodeCommand } from '../../spec/smmuv3/command.ts';
import { Eats, S1Dss, SteConfig } from '../../spec/smmuv3/ste.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import {
  buildTables,
  dma,
  dmaBetween,
  drawAsid,
  drawSsid,
  drawVa,
  RAM_IPA,
  RAM_PAGES,
  writeCd,
  writePte,
} from './guest.ts';
import { hostCall, proceed } from './host.ts';
import { call, type UapiName } from './move.ts';
import { MOVES } from './moves.ts';
import { drawPages, PAGE } from './values.ts';
import { fdHandle, type Objects, objectAt, objectHandle, smmuOf, type View } from './view.ts';
import { vste } from './vste.ts';

/**
 * A step towards a guest whose devices do DMA, and of what goes on once there is one: it writes tables and invalidates,
 * devices do DMA, the VMM takes memory away. Null: something else, from the general moves. Only where caches are followed.
 */
export function guestWork(view: View, draw: Draw): Call | null {
  const { here } = view;
  if (view.world.machine !== null && oneIn(HOST_ACTS, draw)) return hostCall(view, draw);
  const work = view.world.machine?.work ?? null;
  if (work !== null && !oneIn(8, draw)) return oneIn(2, draw) ? proceed() : dmaBetween(view, work, draw);
  const ioas = here === null ? null : ioasBehindGuest(view, here);
  if (here === null || here.fd === null || ioas === null) {
    // Devices that only bypass stage 1 do DMA too.
    if (isAnyAttached(view) && oneIn(8, draw)) return dma(view, draw);
    return oneIn(3, draw) ? null : prepare(view, draw);
  }
  // The rest keeps everything else going on around the guest.
  if (oneIn(4, draw)) return null;
  if (!isRamMapped(here, ioas) && !oneIn(4, draw)) return mapRam(view, here, ioas, draw);
  return (oneIn(2, draw) ? buildTables(view, draw) : null) ?? run(view, here, draw);
}

/** Of how many calls one is the host's. */
const HOST_ACTS = 16;

/** The IOAS under a device of the context that is behind its guest's stage 1; null where there is none. */
function ioasBehindGuest({ world }: View, { ctx, table }: Objects): number | null {
  for (const group of world.groups) {
    if (group?.domain.kind !== 'hwpt' || group.domain.ctx !== ctx) continue;
    const hwpt = table[group.domain.hwpt];
    if (hwpt?.type !== 'hwptNested' || hwpt.domain.config !== 's1Translate') continue;
    const parent = table[hwpt.parent];
    if (parent?.type === 'hwptPaging') return parent.ioas;
  }
  return null;
}

function isAnyAttached({ world }: View): boolean {
  return world.groups.some((group) => group?.domain.kind === 'hwpt');
}

export function isRamMapped(here: Objects, ioas: number): boolean {
  return objectAt(here, ioas, 'ioas').iopt.areas.some((area) => area.start === RAM_IPA);
}

/** The next of the things that a guest needs before its devices can do anything. */
function prepare(view: View, draw: Draw): Call | null {
  const { here } = view;
  if (here === null || here.fd === null) return make('openIommufd', view, draw);
  if (view.bound.length === 0) return make(view.cdevs.length === 0 ? 'openCdev' : 'vfioBind', view, draw);
  if (here.ioases.length === 0) return make('ioasAlloc', view, draw);
  const unmapped = here.ioases.find((id) => !isRamMapped(here, id));
  if (unmapped !== undefined) return mapRam(view, here, unmapped, draw);
  if (here.parents.length === 0) return make('hwptAlloc', view, draw);
  if (here.viommus.length === 0) return make('viommuAlloc', view, draw);
  if (here.vdevices.length === 0) return make('vdeviceAlloc', view, draw);
  if (here.nesteds.length === 0) return allocNested(view, here, draw);
  return make('vfioAttach', view, draw);
}

/** A general move; null where it makes no sense now. */
function make(command: UapiName, view: View, draw: Draw): Call | null {
  const move = MOVES[command];
  return move.weight(view) === 0 ? null : move.make(view, draw);
}

function run(view: View, here: Objects, draw: Draw): Call | null {
  switch (draw(25)) {
    case 24:
      return mapMany(view, here, pick(here.ioases, draw), draw);
    case 0:
    case 1:
      return mapRam(view, here, pick(here.ioases, draw), draw);
    case 2:
      return unmapRam(view, here, draw);
    case 3:
      return allocNested(view, here, draw);
    case 4:
    case 5:
    case 6:
    case 7:
      return invalidate(view, here, draw);
    case 8:
    case 9:
    case 10:
    case 11:
      return writeCd(view, draw);
    case 12:
    case 13:
    case 14:
    case 15:
    case 16:
      return writePte(view, draw);
    default:
      return dma(view, draw);
  }
}

const { FIXED_IOVA, READABLE, WRITEABLE } = IOAS_MAP;

/** Maps the first pages of RAM that are not mapped yet, mostly all of them. */
export function mapRam(view: View, here: Objects, ioas: number, draw: Draw): Call | null {
  const [memory] = view.world.platform.userMemory;
  const { areas } = objectAt(here, ioas, 'ioas').iopt;
  const isFree = (page: number): boolean => {
    const iova = RAM_IPA + BigInt(page) * PAGE;
    return !areas.some(({ start, last }) => start <= iova && iova <= last);
  };
  let first = 0;
  while (first < RAM_PAGES && !isFree(first)) first++;
  if (memory === undefined || first === RAM_PAGES) return null;
  let pages = 1;
  while (first + pages < RAM_PAGES && isFree(first + pages) && !oneIn(6, draw)) pages++;
  return call(view, 'ioasMap', {
    fd: fdHandle(view, here.fd as number),
    ioasId: objectHandle(view, here, ioas),
    flags: FIXED_IOVA | READABLE | (oneIn(6, draw) ? 0 : WRITEABLE),
    iova: RAM_IPA + BigInt(first) * PAGE,
    // At times another page than the guest thinks, so that what was mapped before can be told from it.
    userVa: memory.start + BigInt(oneIn(6, draw) ? draw(RAM_PAGES) : first) * PAGE,
    length: BigInt(pages) * PAGE,
  });
}

/** Where VMMs map much at once, behind the RAM that the guest uses. */
const MANY_IPA = 0x40_0000n;

/** log2 of pages that fit a process's memory. */
const MANY_BITS = 9;

/** Maps any number of pages, from any page near a large page's boundary on. */
export function mapMany(view: View, here: Objects, ioas: number, draw: Draw): Call | null {
  const [memory] = view.world.platform.userMemory;
  if (memory === undefined) return null;
  return call(view, 'ioasMap', {
    fd: fdHandle(view, here.fd as number),
    ioasId: objectHandle(view, here, ioas),
    flags: FIXED_IOVA | READABLE | WRITEABLE,
    iova: MANY_IPA * BigInt(1 + draw(3)) + BigInt(draw(5) - 2) * PAGE,
    userVa: memory.start + BigInt(draw(3)) * PAGE,
    length: drawPages(MANY_BITS, draw) * PAGE,
  });
}

export function unmapRam(view: View, here: Objects, draw: Draw): Call | null {
  const id = pick(here.ioases, draw);
  const { areas } = objectAt(here, id, 'ioas').iopt;
  if (areas.length === 0) return null;
  const { start, last } = pick(areas, draw);
  return call(view, 'ioasUnmap', {
    fd: fdHandle(view, here.fd as number),
    ioasId: objectHandle(view, here, id),
    iova: start,
    length: last - start + 1n,
  });
}

function drawVste(draw: Draw): Words {
  if (oneIn(6, draw)) return vste({ V: 1, Config: SteConfig.Bypass });
  const ats = oneIn(2, draw) ? { EATS: Eats.Translated } : {};
  const several = { S1CDMax: 1, S1DSS: pick([S1Dss.Terminate, S1Dss.Bypass, S1Dss.Substream0], draw) };
  const page = oneIn(8, draw) ? draw(RAM_PAGES) : 0;
  const S1ContextPtr = RAM_IPA + BigInt(page) * PAGE;
  return vste({ V: 1, Config: SteConfig.S1Trans, S1ContextPtr, ...ats, ...(oneIn(3, draw) ? several : {}) });
}

function allocNested(view: View, here: Objects, draw: Draw): Call | null {
  if (here.viommus.length === 0) return null;
  const viommu = pick(here.viommus, draw);
  const { iommu } = objectAt(here, viommu, 'viommu');
  const device = here.devices.find((id) => smmuOf(view, here, id) === iommu);
  if (device === undefined) return null;
  return call(view, 'hwptAlloc', {
    fd: fdHandle(view, here.fd as number),
    devId: objectHandle(view, here, device),
    ptId: objectHandle(view, here, viommu),
    dataType: HWPT_DATA.ARM_SMMUV3,
    dataLen: 16,
    data: drawVste(draw),
  });
}

const SSEC = 1n << 10n;

/** Something that caches may still hold of a guest: it changed that, and knows of which stream it was. */
interface Changed {
  readonly entry: Entry;
  /** The vSID of its stream; 0 for what the TLB holds. */
  readonly StreamID: number;
}

/** What caches may still hold of the guest of a vSMMU. */
function staleOf({ world }: View, here: Objects, viommu: number): readonly Changed[] {
  const { iommu, vmid } = objectAt(here, viommu, 'viommu');
  const vdevices = here.vdevices
    .map((id) => objectAt(here, id, 'vdevice'))
    .filter((vdevice) => vdevice.viommu === viommu);
  return (world.machine?.stale ?? []).flatMap((entry): readonly Changed[] => {
    if (entry.cache === 'tlb')
      return entry.smmu === iommu && entry.vmid === vmid && entry.holds !== 'stage2'
        ? [{ entry, StreamID: 0 }]
        : [];
    const { device } = streamsOf(world.platform)[entry.stream] as Stream;
    const vdevice = vdevices.find(({ devId }) => objectAt(here, devId, 'device').device === device);
    return vdevice === undefined ? [] : [{ entry, StreamID: Number(BigInt.asUintN(32, vdevice.virtId)) }];
  });
}

/** A command that takes it away, not larger than it must be. */
function commandFor({ entry, StreamID }: Changed, draw: Draw): Words {
  switch (entry.cache) {
    case 'ste':
    case 'cd': {
      const SubstreamID = entry.cache === 'cd' ? entry.index : 0;
      return encodeCommand('CFGI_CD', { StreamID, SubstreamID, Leaf: 1 });
    }
    case 'tlb': {
      const Address = BigInt(entry.first) * PAGE;
      if (entry.asid === null) return encodeCommand('TLBI_NH_VAA', { Address });
      const ASID = entry.asid;
      return oneIn(2, draw)
        ? encodeCommand('TLBI_NH_ASID', { ASID })
        : encodeCommand('TLBI_NH_VA', { ASID, Leaf: 1, Address });
    }
    case 'atc':
      return encodeCommand('ATC_INV', { StreamID, Size: 0, Address: BigInt(entry.first) * PAGE });
  }
}

/** One or two commands for what the guest uses, every other time for what it has changed. */
function invalidate(view: View, here: Objects, draw: Draw): Call | null {
  if (here.viommus.length === 0) return null;
  const viommu = pick(here.viommus, draw);
  const streams = here.vdevices
    .map((id) => objectAt(here, id, 'vdevice'))
    .filter((vdevice) => vdevice.viommu === viommu)
    .map(({ virtId }) => Number(BigInt.asUintN(32, virtId)));
  const stale = staleOf(view, here, viommu);
  const data: bigint[] = [];
  for (let n = 1 + draw(2); n > 0; n--) {
    const changed = stale.length > 0 && oneIn(2, draw) ? pick(stale, draw) : null;
    const [first = 0n, second = 0n] =
      changed === null ? drawCommand(streams, draw) : commandFor(changed, draw);
    // SSec is bit 10 of every command, and has no place on the pSMMU's queue.
    data.push(oneIn(12, draw) ? first | SSEC : first, second);
  }
  // A command that nobody may issue: what came before it has to have happened.
  if (oneIn(5, draw)) data.push(...encodeCommand('SYNC'));
  return call(view, 'hwptInvalidate', {
    fd: fdHandle(view, here.fd as number),
    hwptId: objectHandle(view, here, viommu),
    dataType: VIOMMU_INVALIDATE_DATA.ARM_SMMUV3,
    entryLen: 16,
    entryNum: data.length / 2,
    data,
  });
}

function drawCommand(streams: readonly number[], draw: Draw): Words {
  const StreamID = streams.length === 0 ? 0 : pick(streams, draw);
  switch (draw(streams.length === 0 ? 5 : 8)) {
    case 0:
      return encodeCommand('TLBI_NH_ALL');
    case 1:
      return encodeCommand('TLBI_NH_ASID', { ASID: drawAsid(draw) });
    case 2:
      return encodeCommand('TLBI_NH_VA', {
        ...{ ASID: drawAsid(draw), Leaf: draw(2), Address: drawVa(draw) },
        ...(oneIn(2, draw) ? drawRange(draw) : {}),
      });
    case 3:
      return encodeCommand('TLBI_NH_VAA', {
        Address: drawVa(draw),
        ...(oneIn(2, draw) ? drawRange(draw) : {}),
      });
    case 4:
      // What a guest's driver issues when it probes its vSMMU.
      return encodeCommand('TLBI_NSNH_ALL');
    case 5:
      return encodeCommand('CFGI_CD', { StreamID, SubstreamID: drawSsid(draw), Leaf: 1 });
    case 6:
      return encodeCommand('CFGI_CD_ALL', { StreamID });
    default:
      return oneIn(2, draw)
        ? encodeCommand('ATC_INV', { StreamID, Size: 52 })
        : encodeCommand('ATC_INV', {
            ...{ StreamID, Size: draw(4), Address: drawVa(draw) },
            ...(oneIn(3, draw) ? { SSV: 1, SubstreamID: drawSsid(draw) } : {}),
          });
  }
}

/** How many pages a command is about, as SMMUs with ranges read it: seldom of another granule or level. */
function drawRange(draw: Draw): { TG: number; TTL: number; NUM: number; SCALE: number } {
  return {
    TG: oneIn(6, draw) ? draw(4) : 1,
    TTL: oneIn(3, draw) ? draw(4) : 3,
    NUM: oneIn(2, draw) ? draw(4) : draw(32),
    SCALE: oneIn(2, draw) ? 0 : draw(8),
  };
}
