import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadMemory64, VtdOutcome } from '../../../model/vtd/architecture/outcome.ts';
import { recordOf } from '../../../model/vtd/architecture/report.ts';
import { translateVtd } from '../../../model/vtd/architecture/translate.ts';
import { directoryAddress, domainAt, tableAddress } from '../../../model/vtd/driver/layout.ts';
import { unitFor } from '../../../model/vtd/driver/legality.ts';
import type { PagingRef } from '../../../model/vtd/driver/tables.ts';
import { runsAtTable } from '../../../model/vtd/machine/view.ts';
import type { World } from '../../../model/world/world.ts';
import { decode, encode } from '../../../spec/bits.ts';
import { Pgtt, pasidEntry, rootEntry } from '../../../spec/vtd/entries.ts';
import { faultRecord } from '../../../spec/vtd/fault.ts';
import { rootTableAddress } from '../../../spec/vtd/registers.ts';
import { vtd } from '../../../workload/scopes/vtd.ts';
import { gpaOf, ramOf, VtdLab } from './lab.ts';

/*
 * An abstract configuration as real words: a root table for each unit, context tables, PASID directories and tables, the
 * host's tables of four levels, and a guest's, whose page in the abstract machine stands for four levels here. The page that
 * the PASID table entry names holds the top one; the others lie elsewhere in RAM and are always mapped.
 */

const PRESENT = 1n;
const WRITE = 2n;
const USER = 4n;
/** Accessed and dirty: set already, so that nothing is left to write. */
const FLAGS = 0x60n;
const TABLE = PRESENT | WRITE | USER | FLAGS;

const ROOTS = 1n << 45n;
const CONTEXTS = ROOTS + 0x10_0000n;
const PASIDS = 1n << 46n;
/** The host's lower tables: by domain, level and what they map. */
const LOWER = 1n << 50n;
const LEVEL_SHIFT = 39n;
const PLACE_SHIFT = 42n;

const GUEST_LOWER = [100, 200, 300] as const;
const GUEST_PAGES = 5;
const RAM_PAGES = 1024;

function unitOfDevice(device: number): number {
  return vtd.platform.devices[device]?.iommu ?? 0;
}

function isScalable(iommu: number): boolean {
  const hardware = vtd.platform.iommus[iommu];
  return hardware !== undefined && unitFor(hardware).scalable;
}

/** The root entries and context entries of a unit, by address. */
function entryWords(world: World): ReadonlyMap<bigint, bigint> {
  const words = new Map<bigint, bigint>();
  const put = (address: bigint, values: readonly bigint[]): void => {
    for (const [index, word] of values.entries()) words.set(address + BigInt(index * 8), word);
  };
  for (const iommu of vtd.platform.iommus.keys())
    put(ROOTS + BigInt(iommu * 0x1000), encode(rootEntry, { P: 1, CTP: CONTEXTS + BigInt(iommu * 0x1000) }));
  for (const [device, { context, table, entries }] of (world.vtd?.driver.devices ?? []).entries()) {
    const iommu = unitOfDevice(device);
    const devfn = vtd.platform.devices[device]?.streamIds[0] ?? 0;
    put(CONTEXTS + BigInt(iommu * 0x1000 + devfn * (isScalable(iommu) ? 32 : 16)), context);
    const tables = PASIDS + (BigInt(device) << 32n);
    for (let index = 0; index < 512; index++)
      put(directoryAddress(device, table) + BigInt(index * 8), [(tables + BigInt(index * 0x1000)) | PRESENT]);
    for (const [pasid, entry] of Object.entries(entries)) put(tables + BigInt(Number(pasid) * 64), entry);
  }
  return words;
}

/** Domains that serve as a first stage somewhere; the others have second-stage tables. */
function firstStages(world: World): readonly PagingRef[] {
  const { driver } = world.vtd as NonNullable<World['vtd']>;
  return driver.devices.flatMap(({ entries }) =>
    Object.values(entries).flatMap((words) => {
      const { PGTT, FSPTPTR } = decode(pasidEntry, words);
      const ref = PGTT === Pgtt.First ? domainAt(driver, FSPTPTR) : null;
      return ref === null ? [] : [ref];
    }),
  );
}

/** An entry of the host's tables: `prefix` is what the levels above have resolved. */
function hostEntry(world: World, place: number, level: number, prefix: bigint, index: bigint): bigint {
  const table = tableAddress(place);
  const { driver } = world.vtd as NonNullable<World['vtd']>;
  const ref = domainAt(driver, table);
  if (ref === null) return 0n;
  const isFirst = firstStages(world).some(({ ctx, hwpt }) => ctx === ref.ctx && hwpt === ref.hwpt);
  const here = (prefix << 9n) | index;
  const pages = 512n ** BigInt(level - 1);
  const start = Number(here * pages);
  const last = Number((here + 1n) * pages) - 1;
  const run = runsAtTable(world, table).find((each) => each.first <= last && each.last >= start);
  if (run === undefined) return 0n;
  if (level > 1)
    return (
      LOWER |
      (BigInt(place) << PLACE_SHIFT) |
      (BigInt(level - 1) << LEVEL_SHIFT) |
      (here << 12n) |
      (isFirst ? TABLE : PRESENT | WRITE)
    );
  const out = BigInt(run.out + (start - run.first)) << 12n;
  if (isFirst) return out | PRESENT | USER | FLAGS | (run.write ? WRITE : 0n);
  return out | (run.read ? PRESENT : 0n) | (run.write ? WRITE : 0n);
}

function guestEntry(world: World, page: number, index: number): bigint {
  const level = GUEST_LOWER.findIndex((base) => page >= base && page < base + GUEST_PAGES);
  const own = level < 0 ? page : page - (GUEST_LOWER[level] ?? 0);
  const content = world.vtd?.memory[0]?.[own];
  if (content?.kind !== 'table') return 0n;
  const next = GUEST_LOWER[level + 1];
  if (next !== undefined) return index === 0 ? gpaOf(next + own) | TABLE : 0n;
  const pte = content.entries[index] ?? null;
  if (pte === null) return 0n;
  return (BigInt(pte.ipa) << 12n) | PRESENT | USER | FLAGS | (pte.writable ? WRITE : 0n);
}

function memoryOf(world: World): ReadMemory64 {
  const words = entryWords(world);
  const ram = BigInt(ramOf(0));
  return (address) => {
    const index = (address & 0xfffn) >> 3n;
    if (address >= ram && address < ram + BigInt(RAM_PAGES * 0x1000))
      return guestEntry(world, Number((address - ram) >> 12n), Number(index));
    if (address >= LOWER) {
      const offset = address - LOWER;
      const level = Number((offset >> LEVEL_SHIFT) & 7n);
      return hostEntry(
        world,
        Number(offset >> PLACE_SHIFT),
        level,
        (offset >> 12n) & ((1n << 27n) - 1n),
        index,
      );
    }
    const word = words.get(address);
    if (word !== undefined) return word;
    for (let place = 0; place < (world.vtd?.driver.placed.length ?? 0); place++)
      if (address >> 12n === tableAddress(place) >> 12n) return hostEntry(world, place, 4, 0n, index);
    return 0n;
  };
}

interface Asked {
  readonly device: number;
  readonly address: bigint;
  readonly write: boolean;
  readonly pasid: number | undefined;
}

function requestOf({ device, address, write, pasid }: Asked) {
  const sourceId = vtd.platform.devices[device]?.streamIds[0] ?? 0;
  return { sourceId, address, write, ...(pasid === undefined ? {} : { pasid }) };
}

function walked(read: ReadMemory64, asked: Asked): VtdOutcome {
  const iommu = unitOfDevice(asked.device);
  const hardware = vtd.platform.iommus[iommu];
  if (hardware === undefined) throw new Error('no unit');
  const [rootTable = 0n] = encode(rootTableAddress, {
    TTM: isScalable(iommu) ? 1 : 0,
    RTA: ROOTS + BigInt(iommu * 0x1000),
  });
  return translateVtd(unitFor(hardware), { enabled: true, rootTable }, requestOf(asked), read);
}

/** The outcome as the `dma` command tells it. */
function told(outcome: VtdOutcome, asked: Asked) {
  switch (outcome.kind) {
    case 'translated':
      return { addresses: [outcome.address], faults: [] };
    case 'fault':
      return { addresses: [], faults: [...recordOf(requestOf(asked), outcome.reason)] };
    default:
      return { addresses: [], faults: [] };
  }
}

const page = fc.nat(GUEST_PAGES - 1);
const wild = fc.constantFrom(0n, 0x8_0000n, 1n << 43n, (1n << 48n) - 0x1000n, 1n << 48n, 1n << 51n);
const gpa = fc.oneof({ weight: 6, arbitrary: page.map(gpaOf) }, { weight: 1, arbitrary: wild });

const pteWrite = fc.record({
  page: fc.constantFrom(1, 1, 2),
  index: fc.nat(3),
  ipa: gpa,
  readOnly: fc.boolean(),
});

/** Page by page: not mapped, or what may be done there (IOAS_MAP: readable 4, writeable 2); never read-only for a parent. */
const parentFlags = fc.array(fc.constantFrom(0, 3, 7, 7, 7), {
  minLength: GUEST_PAGES,
  maxLength: GUEST_PAGES,
});
const ownFlags = fc.array(fc.constantFrom(0, 3, 5, 7, 7), { minLength: GUEST_PAGES, maxLength: GUEST_PAGES });

/** What dev0 is on without a PASID and with PASID 1, and dev2 behind the unit in legacy mode. */
const attachments = fc.record({
  rid: fc.constantFrom('nested', 'nested', 'own', 'parent', 'nothing'),
  pasid: fc.constantFrom('other', 'other', 'first', 'nothing'),
  legacy: fc.constantFrom('own', 'parent', 'nothing'),
});

const asked: fc.Arbitrary<Asked> = fc.record({
  device: fc.constantFrom(0, 0, 0, 1, 2, 2),
  address: fc.oneof(
    { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: 0x3fffn }) },
    { weight: 4, arbitrary: fc.bigInt({ min: gpaOf(0), max: gpaOf(GUEST_PAGES) - 1n }) },
    { weight: 1, arbitrary: fc.constantFrom(0xfee0_0000n, 1n << 47n, 1n << 48n, (1n << 64n) - 1n) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) },
  ),
  write: fc.boolean(),
  pasid: fc.option(fc.constantFrom(1, 1, 2, 100), { nil: undefined, freq: 3 }),
});

function prepared(
  parent: readonly number[],
  own: readonly number[],
  ptes: readonly {
    readonly page: number;
    readonly index: number;
    readonly ipa: bigint;
    readonly readOnly: boolean;
  }[],
  { rid, pasid, legacy }: { readonly rid: string; readonly pasid: string; readonly legacy: string },
): VtdLab {
  const lab = new VtdLab();
  lab.unmap(0, 5);
  parent.forEach((flags, each) => {
    if (flags !== 0) lab.map(each, 1, flags);
  });
  for (const base of GUEST_LOWER) lab.map(base, GUEST_PAGES);
  for (const [index, { page: table, ...rest }] of ptes.entries())
    if (ptes.findLastIndex((each) => each.page === table && each.index === rest.index) === index)
      lab.do('guest:vm0', 'guestWritePte', { page: table, valid: true, global: false, ...rest });
  lab.vmm('ioasAlloc', { fd: 'io' }, 'ioas2');
  own.forEach((flags, each) => {
    if (flags === 0) return;
    const userVa = 0x7f00_0000_0000n + BigInt(each) * 0x1000n;
    lab.vmm('ioasMap', { fd: 'io', ioasId: 'ioas2', flags, iova: gpaOf(each), userVa, length: 0x1000n });
  });
  lab.vmm('hwptAlloc', { fd: 'io', devId: 'dev0', ptId: 'ioas2', flags: 0 }, 'own');
  lab.vmm('hwptAlloc', { fd: 'io', devId: 'dev0', ptId: 'ioas2', flags: 8 }, 'first');
  lab.vmm('hwptAlloc', { fd: 'io', devId: 'dev2', ptId: 'ioas2', flags: 0 }, 'own2');
  lab.nested('nested', 1);
  lab.nested('other', 2);
  if (rid !== 'nothing') lab.attach(rid);
  if (pasid !== 'nothing') lab.attach(pasid, 1);
  if (legacy !== 'nothing') lab.attach(legacy === 'own' ? 'own2' : legacy, null, 2);
  return lab;
}

describe('an abstract configuration of VT-d units, encoded as real tables and walked by the specification', () => {
  it('has that outcome, to the last bit of the fault record, and no other', { timeout: 120_000 }, () => {
    const kinds = new Set<string>();
    const property = fc.property(
      parentFlags,
      ownFlags,
      fc.array(pteWrite, { minLength: 1, maxLength: 6 }),
      attachments,
      fc.array(asked, { minLength: 4, maxLength: 12 }),
      (parent, own, ptes, on, requests) => {
        const lab = prepared(parent, own, ptes, on);
        const read = memoryOf(lab.world);
        for (const each of requests) {
          const expected = told(walked(read, each), each);
          const which = each.pasid === undefined ? {} : { ssv: true, ssid: each.pasid };
          lab.do(`device:dev${each.device}`, 'dma', { iova: each.address, write: each.write, ...which });
          expect(lab.last?.result.out).toEqual(expected);
          const [, high] = expected.faults;
          if (expected.addresses.length > 0) kinds.add('reached');
          else kinds.add(high === undefined ? 'nothing' : decode(faultRecord, [0n, high]).FR.toString(16));
        }
      },
    );
    fc.assert(property, { numRuns: 400 });
    // Else the generator shows nothing: faults of both modes, of entries, of each stage and of both together.
    expect([...kinds].sort()).toEqual(
      expect.arrayContaining([
        '2',
        '31',
        '4',
        '5',
        '59',
        '6',
        '71',
        '75',
        '79',
        '80',
        '84',
        '85',
        '86',
        'nothing',
        'reached',
      ]),
    );
  });
});
