import { hexOfBytes } from '../conformance/hex.ts';
import type { ArgValue, Call } from '../model/call.ts';
import { encode } from '../spec/bits.ts';
import { HWPT_ALLOC, HWPT_DATA, IOAS_MAP, VIOMMU_INVALIDATE_DATA } from '../spec/iommufd/constants.ts';
import { cd } from '../spec/smmuv3/cd.ts';
import { encodeCommand } from '../spec/smmuv3/command.ts';
import { AddressSize, SteConfig } from '../spec/smmuv3/ste.ts';
import { type Draw, oneIn, pick } from '../workload/generator/choice.ts';
import { vste } from '../workload/generator/vste.ts';
import { USER_MEMORY } from '../workload/scopes/hardware.ts';
import type { LiveSequence, LiveStep } from './step.ts';
import type { Described } from './target.ts';

/*
 * Runs with DMA: the process plays a guest whose devices translate by tables in its memory. It edits what translates,
 * invalidates rightly, wrongly and not at all, and looks where reads and writes went.
 */

/** The process's whole memory is the guest's RAM, at this address. */
const RAM = 0x1000_0000n;
const PAGE = 0x1000n;

/** Of one context: its CD, and three levels of tables, 64 KiB before those of the next. */
const CONTEXT_BYTES = 0x1_0000n;
const L1 = 0x1000n;
const L2 = 0x2000n;
const L3 = 0x3000n;

/** Pages that are read and written. */
const DATA = 0x4_0000n;
const DATA_PAGES = 12;
/** What is read is written here, to be looked at; nothing else is. */
const SINK = DATA_PAGES - 1;

/** Where a device sees page 0; behind entry 32 of the second level. */
const IOVA = 0x400_0000n;
const L2_INDEX = 32n;

const BYTES = 4;
const TABLE = 3n;
/** A page that anybody may read and write, of one ASID, accessed. */
const LEAF = 0xf43n;
const LEAF_READ_ONLY = 0xfc3n;

const MOST_DEVICES = 2;

interface Scene {
  readonly devices: readonly string[];
  /** For each device, the context by which it translates, and the vIOMMU that it is on. */
  readonly contexts: readonly number[];
  readonly viommus: readonly string[];
  readonly streams: readonly bigint[];
  readonly asids: readonly number[];
}

export function dmaSequence({ platform, dmaDevices }: Described, draw: Draw): LiveSequence {
  // On one pSMMU, alone in their groups: what else there is to find about groups needs no DMA.
  const alone = dmaDevices.filter((bdf) => {
    const device = platform.devices.find(({ id }) => id === bdf);
    return device?.iommu === 0 && platform.devices.filter(({ group }) => group === device.group).length === 1;
  });
  const count = Math.min(alone.length, oneIn(3, draw) ? 1 : MOST_DEVICES);
  const devices = alone.slice(0, count);
  if (devices.length === 0) return [];
  const several = count > 1 && oneIn(2, draw);
  const sameContext = count > 1 && !several && oneIn(3, draw);
  const scene: Scene = {
    devices,
    contexts: devices.map((_, index) => (sameContext ? 0 : index)),
    viommus: devices.map((_, index) => (several ? `viommu${index}` : 'viommu0')),
    streams: devices.map((_, index) => BigInt(0x10 + 8 * index)),
    asids: [1, oneIn(2, draw) ? 1 : 2],
  };
  const steps: LiveStep[] = [...prologue(scene, draw)];
  for (let left = 4 + draw(9); left > 0; left--) steps.push(...action(scene, draw));
  for (const page of pages()) steps.push(load(page));
  return steps;
}

function call(command: Call['command'], args: Readonly<Record<string, ArgValue>>, as?: string): LiveStep {
  return { kind: 'call', call: { actor: 'vmm:process', command, args, ...(as === undefined ? {} : { as }) } };
}

const pages = (): readonly number[] => Array.from({ length: DATA_PAGES }, (_, page) => page);
const vaOf = (offset: bigint): bigint => USER_MEMORY.start + offset;
const pageOffset = (page: number): bigint => DATA + BigInt(page) * PAGE;
const iovaOf = (page: number): bigint => IOVA + BigInt(page) * PAGE;
const contextOffset = (context: number): bigint => BigInt(context) * CONTEXT_BYTES;

function load(page: number): LiveStep {
  return { kind: 'load', va: vaOf(pageOffset(page)), length: BYTES };
}

function store(offset: bigint, words: readonly bigint[]): LiveStep {
  const view = new DataView(new ArrayBuffer(8 * words.length));
  for (const [at, word] of words.entries()) view.setBigUint64(8 * at, word, true);
  return { kind: 'store', va: vaOf(offset), hex: hexOfBytes(new Uint8Array(view.buffer)) };
}

function* prologue(scene: Scene, draw: Draw): Generator<LiveStep> {
  const { devices, contexts, viommus, streams, asids } = scene;
  yield call('openIommufd', {}, 'iommufd0');
  for (const [index, device] of devices.entries()) {
    yield call('openCdev', { device }, `cdev${index}`);
    yield call('vfioBind', { fd: `cdev${index}`, iommufd: 'iommufd0' }, `device${index}`);
  }
  yield call('ioasAlloc', { fd: 'iommufd0' }, 'ioas0');
  const parent = { fd: 'iommufd0', flags: HWPT_ALLOC.NEST_PARENT, devId: 'device0', ptId: 'ioas0' };
  yield call('hwptAlloc', parent, 'hwpt0');
  const flags = IOAS_MAP.FIXED_IOVA | IOAS_MAP.READABLE | IOAS_MAP.WRITEABLE;
  const length = USER_MEMORY.last - USER_MEMORY.start + 1n;
  yield call('ioasMap', {
    fd: 'iommufd0',
    flags,
    ioasId: 'ioas0',
    userVa: USER_MEMORY.start,
    length,
    iova: RAM,
  });
  for (const [index, viommu] of viommus.entries()) {
    if (viommus.indexOf(viommu) < index) continue;
    yield call('viommuAlloc', { fd: 'iommufd0', type: 1, devId: `device${index}`, hwptId: 'hwpt0' }, viommu);
  }
  if (oneIn(3, draw))
    yield call('veventqAlloc', { fd: 'iommufd0', viommuId: 'viommu0', type: 1, veventqDepth: 4 }, 'veventq0');
  for (const page of pages()) {
    const tag = 0xd0d0_0000n | BigInt(page);
    const view = new DataView(new ArrayBuffer(BYTES));
    view.setUint32(0, Number(tag), true);
    yield { kind: 'store', va: vaOf(pageOffset(page)), hex: hexOfBytes(new Uint8Array(view.buffer)) };
  }
  for (const context of new Set(contexts)) yield* tables(context, asids[context] ?? 1);
  for (const [index] of devices.entries()) {
    const virtId = streams[index] ?? 0n;
    yield call(
      'vdeviceAlloc',
      { fd: 'iommufd0', viommuId: viommus[index] ?? '', devId: `device${index}`, virtId },
      `vdevice${index}`,
    );
    yield nested(scene, index, `hwpt${index + 1}`, contexts[index] ?? 0);
    yield call('vfioAttach', { fd: `cdev${index}`, ptId: `hwpt${index + 1}` });
  }
}

/** Every page where it lies, but for other contexts the other way round: a wrong translation is then seen. */
function* tables(context: number, asid: number): Generator<LiveStep> {
  const base = contextOffset(context);
  yield store(base, contextDescriptor(context, asid));
  yield store(base + L1, [(RAM + base + L2) | TABLE]);
  yield store(base + L2 + 8n * L2_INDEX, [(RAM + base + L3) | TABLE]);
  const order = (page: number) => (context === 0 || page === SINK ? page : SINK - 1 - page);
  yield store(
    base + L3,
    pages().map((page) => leaf(order(page))),
  );
}

function leaf(page: number): bigint {
  return (RAM + pageOffset(page)) | LEAF;
}

function contextDescriptor(context: number, asid: number): readonly bigint[] {
  const TTB0 = RAM + contextOffset(context) + L1;
  const fields = {
    T0SZ: 25,
    IR0: 1,
    OR0: 1,
    SH0: 3,
    EPD1: 1,
    V: 1,
    IPS: AddressSize.Bits44,
    AA64: 1,
    R: 1,
    A: 1,
    ASET: 1,
  };
  return encode(cd, { ...fields, ASID: asid, TTB0, MAIR: 0xffn }).slice(0, 4);
}

function nested({ viommus }: Scene, device: number, as: string, context: number): LiveStep {
  const data = vste({ V: 1, Config: SteConfig.S1Trans, S1ContextPtr: RAM + contextOffset(context) });
  const args = { fd: 'iommufd0', devId: `device${device}`, ptId: viommus[device] ?? '' };
  return call('hwptAlloc', { ...args, dataType: HWPT_DATA.ARM_SMMUV3, dataLen: 16, data }, as);
}

/** What is read through a translation, and written where it can be looked at. */
function look(scene: Scene, device: number, page: number): readonly LiveStep[] {
  const bdf = scene.devices[device] ?? '';
  return [
    { kind: 'transfer', device: bdf, direction: 'from-mem', iova: iovaOf(page), length: BYTES },
    { kind: 'transfer', device: bdf, direction: 'to-mem', iova: iovaOf(SINK), length: BYTES },
    load(SINK),
  ];
}

function action(scene: Scene, draw: Draw): readonly LiveStep[] {
  const device = draw(scene.devices.length);
  const context = scene.contexts[device] ?? 0;
  const page = draw(SINK);
  const entry = contextOffset(context) + L3 + 8n * BigInt(page);
  switch (draw(12)) {
    case 0:
    case 1:
    case 2: {
      // The page moves, and the guest tells, or does not.
      const moved = store(entry, [leaf(draw(SINK))]);
      const told = invalidation(scene, device, page, draw);
      return [...look(scene, device, page), moved, ...told, ...look(scene, device, page)];
    }
    case 3:
      return [
        ...look(scene, device, page),
        store(entry, [0n]),
        ...invalidation(scene, device, page, draw),
        ...look(scene, device, page),
      ];
    case 4: {
      const bdf = scene.devices[device] ?? '';
      const readOnly = store(entry, [(RAM + pageOffset(page)) | LEAF_READ_ONLY]);
      const write: LiveStep = {
        kind: 'transfer',
        device: bdf,
        direction: 'to-mem',
        iova: iovaOf(page),
        length: BYTES,
      };
      return [
        ...look(scene, device, SINK),
        readOnly,
        ...invalidation(scene, device, page, draw),
        write,
        load(page),
      ];
    }
    case 5: {
      const other = draw(2);
      const base = contextOffset(context);
      return [
        store(base, contextDescriptor(other, scene.asids[draw(2)] ?? 1)),
        ...invalidation(scene, device, page, draw),
        ...look(scene, device, page),
      ];
    }
    case 6: {
      // Stage 2: the page goes, and another comes in its place.
      const iova = RAM + pageOffset(page);
      const flags = IOAS_MAP.FIXED_IOVA | IOAS_MAP.READABLE | IOAS_MAP.WRITEABLE;
      const userVa = vaOf(pageOffset(draw(SINK)));
      return [
        ...look(scene, device, page),
        call('ioasUnmap', {
          fd: 'iommufd0',
          ioasId: 'ioas0',
          iova: RAM,
          length: USER_MEMORY.last - USER_MEMORY.start + 1n,
        }),
        call('ioasMap', {
          fd: 'iommufd0',
          flags,
          ioasId: 'ioas0',
          userVa: USER_MEMORY.start,
          length: pageOffset(page),
          iova: RAM,
        }),
        call('ioasMap', { fd: 'iommufd0', flags, ioasId: 'ioas0', userVa, length: PAGE, iova }),
        call('ioasMap', {
          fd: 'iommufd0',
          flags,
          ioasId: 'ioas0',
          userVa: vaOf(pageOffset(page) + PAGE),
          length: BigInt(SINK - page) * PAGE,
          iova: iova + PAGE,
        }),
        ...look(scene, device, page),
      ];
    }
    case 7: {
      const target = pick(['hwpt0', 'ioas0', `hwpt${device + 1}`], draw);
      return [
        call('vfioAttach', { fd: `cdev${device}`, ptId: target }),
        ...look(scene, device, page),
        call('vfioAttach', { fd: `cdev${device}`, ptId: `hwpt${device + 1}` }),
      ];
    }
    case 8:
      return [call('poll', { fd: 'veventq0.fd' }), call('read', { fd: 'veventq0.fd' })];
    default:
      return look(scene, device, page);
  }
}

/** What a guest issues after it changed something: mostly right, at times too little, too late or not legal. */
function invalidation(scene: Scene, device: number, page: number, draw: Draw): readonly LiveStep[] {
  const asid = scene.asids[scene.contexts[device] ?? 0] ?? 1;
  const Address = iovaOf(page);
  const stream = { StreamID: Number(scene.streams[device] ?? 0n) };
  const right: readonly (readonly [bigint, bigint])[] = [
    encodeCommand('TLBI_NH_VA', { ASID: asid, Leaf: 1, Address }),
    encodeCommand('TLBI_NH_VAA', { Address }),
    encodeCommand('TLBI_NH_ASID', { ASID: asid }),
    encodeCommand('TLBI_NH_ALL'),
    encodeCommand('TLBI_NSNH_ALL'),
    encodeCommand('CFGI_CD_ALL', stream),
    encodeCommand('CFGI_CD', { ...stream, Leaf: 1 }),
    encodeCommand('TLBI_NH_VA', { ASID: asid, Leaf: 1, TG: 1, TTL: 3, NUM: draw(4), Address }),
  ];
  const wrong: readonly (readonly [bigint, bigint])[] = [
    encodeCommand('TLBI_NH_VA', { ASID: asid, Leaf: 1, Address: Address + PAGE }),
    encodeCommand('TLBI_NH_ASID', { ASID: asid + 1 }),
  ];
  const illegal: readonly (readonly [bigint, bigint])[] = [
    encodeCommand('CFGI_STE', { Leaf: 1 }),
    encodeCommand('SYNC'),
    encodeCommand('CFGI_CD_ALL', { StreamID: 0x7777 }),
  ];
  const commands: (readonly [bigint, bigint])[] = [];
  const kind = draw(12);
  if (kind === 0) return [];
  if (kind !== 1) commands.push(pick(right, draw));
  if (oneIn(3, draw)) commands.push(pick(right, draw));
  if (oneIn(4, draw)) commands.push(pick(illegal, draw));
  if (oneIn(6, draw)) commands.splice(0, commands.length, pick(wrong, draw));
  if (oneIn(12, draw)) commands.length = 0;
  const data = commands.flat();
  const viommu = scene.viommus[device] ?? 'viommu0';
  const args = { fd: 'iommufd0', hwptId: viommu, dataType: VIOMMU_INVALIDATE_DATA.ARM_SMMUV3, entryLen: 16 };
  return [call('hwptInvalidate', { ...args, entryNum: commands.length, data })];
}
