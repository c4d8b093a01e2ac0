import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IommuHardware } from '../../../../model/platform/platform.ts';
import type { ReadMemory64 } from '../../../../model/smmu/architecture/access.ts';
import type { Outcome } from '../../../../model/smmu/architecture/outcome.ts';
import { eventWords } from '../../../../model/smmu/architecture/report.ts';
import { smmuArchitectureIntended } from '../../../../model/smmu/architecture/rules.ts';
import { translateThroughSte } from '../../../../model/smmu/architecture/translate.ts';
import { readDriverMemory } from '../../../../model/smmu/driver/read.ts';
import type { Cd, GuestPage, Pte } from '../../../../model/smmu/machine/guest-memory.ts';
import { implementationFor } from '../../../../model/smmu/machine/streams.ts';
import type { Out } from '../../../../model/world/result.ts';
import type { World } from '../../../../model/world/world.ts';
import { encode } from '../../../../spec/bits.ts';
import { cd } from '../../../../spec/smmuv3/cd.ts';
import { AddressSize, type Ste } from '../../../../spec/smmuv3/ste.ts';
import { guestDma } from '../../../../workload/scopes/guest-dma.ts';
import { ipaOf, Lab, ramOf } from './lab.ts';

/*
 * An abstract configuration as real words. A guest's table is two levels in memory: the page that the CD names holds the
 * upper one, whose two descriptors (for VA 0 and for the MSI window) lead to pages of the lower one, which lie elsewhere in
 * RAM and are always mapped.
 */

const LOWER_TABLES = 100;
const LOWER_IPA = 0x10_0000n;
const WINDOW_TABLES = 200;
const WINDOW_IPA = 0x20_0000n;
/** The window's place in an upper table, of which each descriptor stands for 2 MiB, and its first descriptor in ours. */
const WINDOW_INDEX = 64;
const WINDOW_PTES = 512;
const TABLE = 0b11n;
const ACCESSED = 1n << 10n;
const UNPRIVILEGED = 1n << 6n;
const READ_ONLY = 1n << 7n;
const NOT_GLOBAL = 1n << 11n;

function cdWords({ asid, table, recorded }: Cd): readonly bigint[] {
  return encode(cd, {
    V: 1,
    AA64: 1,
    T0SZ: 36,
    EPD1: 1,
    IPS: AddressSize.Bits44,
    A: 1,
    R: recorded ? 1 : 0,
    ASID: asid,
    TTB0: BigInt(table) << 12n,
  });
}

function descriptor({ ipa, writable, global }: Pte): bigint {
  const attributes = ACCESSED | UNPRIVILEGED | (writable ? 0n : READ_ONLY) | (global ? 0n : NOT_GLOBAL);
  return (BigInt(ipa) << 12n) | attributes | TABLE;
}

/** Word `index` of a page of RAM. */
function guestWord(pages: readonly (GuestPage | null)[], page: number, index: number): bigint {
  if (page >= WINDOW_TABLES) {
    const content = pages[page - WINDOW_TABLES];
    const pte = content?.kind === 'table' ? content.entries[WINDOW_PTES + index] : null;
    return pte ? descriptor(pte) : 0n;
  }
  if (page >= LOWER_TABLES) {
    const content = pages[page - LOWER_TABLES];
    const pte = content?.kind === 'table' ? content.entries[index] : null;
    return pte ? descriptor(pte) : 0n;
  }
  const content = pages[page];
  if (content?.kind === 'table') {
    if (index === WINDOW_INDEX) return (WINDOW_IPA + BigInt(page) * 0x1000n) | TABLE;
    return index === 0 ? (LOWER_IPA + BigInt(page) * 0x1000n) | TABLE : 0n;
  }
  const slot = content?.kind === 'contexts' ? content.slots[index >> 3] : null;
  return slot ? (cdWords(slot)[index & 7] ?? 0n) : 0n;
}

function memoryOf(world: World): ReadMemory64 {
  const machine = world.machine as NonNullable<World['machine']>;
  return (address) => {
    const offset = Number(address - ramOf(0));
    if (offset < 0 || offset >= 1024 * 4096) return readDriverMemory(machine.driver, world, address);
    return guestWord(machine.memory[0] ?? [], offset >> 12, (offset & 0xfff) >> 3);
  };
}

interface Access {
  readonly address: bigint;
  readonly write: boolean;
  readonly ssid: number | undefined;
}

function walked(world: World, { address, write, ssid }: Access): Outcome {
  const hardware = guestDma.platform.iommus[0] as IommuHardware;
  const words = world.machine?.driver.streamTables[0]?.[0x10] ?? [];
  const access = { streamId: 0x10, substreamId: ssid, address, write, privileged: false, instruction: false };
  return translateThroughSte(words, access, implementationFor(hardware), memoryOf(world));
}

/** The outcome as the `dma` command tells it. */
function told(outcome: Outcome) {
  switch (outcome.kind) {
    case 'translated':
      return { addresses: [outcome.address], events: [], aborts: 0 };
    case 'fault':
      return { addresses: [], events: eventWords(outcome.event, smmuArchitectureIntended), aborts: 0 };
    default:
      return { addresses: [], events: [], aborts: 1 };
  }
}

/** That an outcome is one of those that a `dma` command tells. */
function expectAmong(out: Out, { addresses, events, aborts }: ReturnType<typeof told>): void {
  expect(out.addresses).toEqual(expect.arrayContaining(addresses));
  const records = out.events as readonly bigint[];
  const starts = records.map((_, index) => index).filter((index) => index % 4 === 0);
  const isThere = starts.some((start) => events.every((word, i) => word === records[start + i]));
  expect({ isThere: isThere || events.length === 0, aborts: Number(out.aborts) >= aborts }).toEqual({
    isThere: true,
    aborts: true,
  });
}

const PAGES = 5;
const page = fc.nat(PAGES - 1);
const wildIpa = fc.constantFrom(0n, 0x800_0000n, 0x5_0000n, 1n << 43n, 1n << 44n, (1n << 48n) - 0x1000n);
const ipa = fc.oneof({ weight: 6, arbitrary: page.map(ipaOf) }, { weight: 1, arbitrary: wildIpa });

const cdWrite = fc.record({
  page: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: page }),
  slot: fc.nat(2),
  asid: fc.nat(2),
  table: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(ipaOf(1), ipaOf(2)) },
    { weight: 1, arbitrary: ipa },
  ),
  silent: fc.boolean(),
});

const pteWrite = fc.record({
  page: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 2) }, { weight: 1, arbitrary: page }),
  index: fc.oneof(
    { weight: 4, arbitrary: fc.nat(3) },
    { weight: 1, arbitrary: fc.constantFrom(512, 513, 767) },
  ),
  ipa,
  readOnly: fc.boolean(),
  global: fc.boolean(),
});

const entry: fc.Arbitrary<Partial<Ste>> = fc.record({
  S1ContextPtr: fc.oneof(
    { weight: 5, arbitrary: fc.nat(2).map((slot) => ipaOf(0) + BigInt(slot * 64)) },
    { weight: 1, arbitrary: ipa },
  ),
  S1CDMax: fc.constantFrom(0, 0, 0, 1, 1, 2),
  S1DSS: fc.nat(3),
  S1Fmt: fc.constantFrom(0, 0, 0, 1),
  EATS: fc.nat(1),
});

/** Stage 2, page by page: not mapped, or what may be done there (IOAS_MAP: readable 4, writeable 2). */
const stage2 = fc.array(fc.constantFrom(0, 4, 2, 6, 6, 6, 6), { minLength: PAGES, maxLength: PAGES });

const access: fc.Arbitrary<Access> = fc.record({
  address: fc.oneof(
    { weight: 5, arbitrary: fc.bigInt({ min: 0n, max: 0x3fffn }) },
    { weight: 2, arbitrary: fc.bigInt({ min: ipaOf(0), max: ipaOf(PAGES) - 1n }) },
    { weight: 1, arbitrary: fc.constantFrom(0x800_0040n, 0x800_1040n, 0x80f_f040n, 0x810_0040n) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) },
  ),
  write: fc.boolean(),
  ssid: fc.option(fc.nat(2), { nil: undefined, freq: 4 }),
});

describe('an abstract configuration, encoded as real tables and walked by the architecture', () => {
  it('has that outcome, to the last bit of the event, and with a single CD no other', () => {
    const kinds = new Map<string, number>();
    const property = fc.property(
      fc.array(cdWrite, { minLength: 1, maxLength: 5 }),
      fc.array(pteWrite, { minLength: 1, maxLength: 6 }),
      stage2,
      fc.oneof(
        { weight: 10, arbitrary: entry },
        { weight: 2, arbitrary: fc.constantFrom('stage 1', 'stage 2') },
      ),
      fc.array(access, { minLength: 1, maxLength: 8 }),
      (cds, ptes, flags, fields, accesses) => {
        const lab = new Lab();
        lab.vsmmu();
        lab.unmapRam();
        flags.forEach((flag, each) => {
          if (flag !== 0) lab.mapPage(each, ipaOf(each), flag);
        });
        for (let table = 0; table < PAGES; table++) {
          lab.mapPage(LOWER_TABLES + table, LOWER_IPA + BigInt(table) * 0x1000n, 6);
          lab.mapPage(WINDOW_TABLES + table, WINDOW_IPA + BigInt(table) * 0x1000n, 6);
        }
        for (const args of cds) lab.do('guest:vm0', 'guestWriteCd', { ...args, valid: true });
        for (const args of ptes) lab.do('guest:vm0', 'guestWritePte', { ...args, valid: true });
        if (typeof fields === 'object') lab.attach(fields);
        else {
          lab.vmm('hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas' }, 'own');
          lab.vmm('vfioAttach', { fd: 'cdev', ptId: fields === 'stage 1' ? 'own' : 'parent' });
        }
        for (const each of accesses) {
          const expected = told(walked(lab.world, each));
          const substream = each.ssid === undefined ? {} : { ssv: true, ssid: each.ssid };
          const out = lab.do('device:dev0', 'dma', { iova: each.address, write: each.write, ...substream });
          // CDs with one ASID and different tables meet in the TLB; with a single CD there is nothing to meet.
          const alone = typeof fields === 'string' || fields.S1CDMax === 0;
          if (alone) expect(out).toEqual(expected);
          else expectAmong(out, expected);
          const kind = expected.addresses.length > 0 ? 'reached' : `${(expected.events[0] ?? 0n) & 0xffn}`;
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        }
      },
    );
    fc.assert(property, { numRuns: 600 });
    // C_BAD_STE, F_STREAM_DISABLED, C_BAD_SUBSTREAMID, C_BAD_CD, the four translation faults, and silence.
    expect([...kinds.keys()].sort()).toEqual(['0', '10', '16', '17', '19', '4', '6', '8', 'reached']);
  });
});
