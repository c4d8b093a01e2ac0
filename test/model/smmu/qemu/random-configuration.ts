import fc from 'fast-check';
import { type Access, dataAccess, type ReadMemory64 } from '../../../../model/smmu/architecture/access.ts';
import { encode } from '../../../../spec/bits.ts';
import { type Cd, cd } from '../../../../spec/smmuv3/cd.ts';
import { type Ste, SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';

/** RAM of the machine; a fetch elsewhere aborts. */
const RAM = { start: 0x4000_0000n, size: 0x1000_0000n } as const;

const SID = 8;

/** Every eighth block of 64 bytes holds a CD, all other words are descriptors: so that whatever leads anywhere, leads on. */
const CD_SLOT = 5n;

export interface Configuration {
  readonly ste: readonly bigint[];
  readonly read: ReadMemory64;
  readonly accesses: readonly Access[];
}

/** A well mixed number from two (splitmix64). */
function mixed(seed: bigint, at: bigint): bigint {
  let z = BigInt.asUintN(64, seed + at * 0x9e37_79b9_7f4a_7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
  return z ^ (z >> 31n);
}

/** A descriptor of either stage: mostly valid, mostly a table or page, mostly within RAM, mostly accessed. */
function descriptor(h: bigint): bigint {
  const rare = Number(h >> 56n);
  if (rare < 8) return 0n;
  const type = rare < 40 ? 0b01n : 0b11n;
  const far = rare < 44 ? (h & 0xff_f000_0000n) << 8n : 0n;
  const page = RAM.start | (h & 0x0fff_f000n);
  const accessed = rare < 50 ? 0n : 1n << 10n;
  // AP[2:1] or S2AP, MemAttr, nG, and sometimes APTable.
  const permissions = rare < 120 ? (h >> 44n) & 0b11n : rare < 190 ? 0b01n : 0b11n;
  const hierarchy = rare > 240 ? ((h >> 40n) & 0b11n) << 61n : 0n;
  return (
    type | far | page | accessed | (permissions << 6n) | (0xfn << 2n) | (((h >> 46n) & 1n) << 11n) | hierarchy
  );
}

const size = fc.constantFrom(1, 2, 3, 4, 4);

const anyCd: fc.Arbitrary<Partial<Cd>> = fc.record({
  T0SZ: fc.integer({ min: 16, max: 39 }),
  TG0: fc.constantFrom(0, 1, 2),
  T1SZ: fc.integer({ min: 16, max: 39 }),
  TG1: fc.constantFrom(1, 2, 3),
  EPD0: fc.constantFrom(0, 0, 0, 1),
  EPD1: fc.nat(1),
  IPS: size,
  AFFD: fc.constantFrom(0, 0, 1),
  TBI0: fc.nat(1),
  TBI1: fc.nat(1),
  HAD0: fc.constantFrom(0, 0, 1),
  HAD1: fc.constantFrom(0, 0, 1),
  WXN: fc.nat(1),
  PAN: fc.constantFrom(0, 0, 1),
  R: fc.constantFrom(1, 1, 0),
  ASID: fc.constantFrom(5, 6),
  TTB0: fc.bigInt({ min: 0n, max: 0xffffn }).map((page) => RAM.start | (page << 12n)),
  TTB1: fc.bigInt({ min: 0n, max: 0xffffn }).map((page) => RAM.start | (page << 12n)),
});

/** Now and then one field that is illegal on this machine. */
const cdMistake = fc.constantFrom<Partial<Cd>>(
  {},
  {},
  {},
  {},
  {},
  {},
  { V: 0 },
  { A: 0 },
  { S: 1 },
  { ENDI: 1 },
  { HA: 1 },
  { HD: 1 },
  { TG0: 3 },
  { TG1: 0 },
  { T0SZ: 15 },
  { T0SZ: 41 },
  { T1SZ: 12 },
  { T1SZ: 40, EPD1: 1 },
  { TTB0: 1n << 45n },
  { TTB1: 1n << 45n, EPD1: 0 },
  { AA64: 0 },
);
const steMistake = fc.constantFrom<Partial<Ste>>(
  {},
  {},
  {},
  {},
  {},
  {},
  { V: 0 },
  { S2S: 1 },
  { S2ENDI: 1 },
  { S2SL0: 3 },
  { S2TG: 3 },
  { S2T0SZ: 44 },
  { S2T0SZ: 15 },
  { S2TTB: 1n << 45n },
  { S2PS: 6 },
  { S2AA64: 1, S2HA: 1 },
  { S2AA64: 1, S2HD: 1 },
  { S1CDMax: 1 },
  { S1STALLD: 1 },
  { S1Fmt: 3, S1DSS: 3 },
  { STRW: 2 },
  { EATS: 1 },
  { EATS: 2 },
);

const anySte: fc.Arbitrary<Partial<Ste>> = fc.record({
  Config: fc.constantFrom<number>(
    SteConfig.S1Trans,
    SteConfig.S2Trans,
    SteConfig.Nested,
    SteConfig.Nested,
    SteConfig.Nested,
    SteConfig.Bypass,
  ),
  S1ContextPtr: fc.bigInt({ min: 0n, max: 0xffffn }).map((n) => RAM.start | (n << 12n) | (CD_SLOT << 6n)),
  S2VMID: fc.constantFrom(1, 2),
  S2T0SZ: fc.integer({ min: 20, max: 39 }),
  S2SL0: fc.constantFrom(0, 1, 1, 2),
  S2TG: fc.constantFrom(0, 1, 2),
  S2PS: size,
  S2AFFD: fc.constantFrom(0, 0, 1),
  S2R: fc.constantFrom(1, 1, 0),
  S2PTW: fc.nat(1),
  S2TTB: fc.bigInt({ min: 0n, max: 0xfffn }).map((n) => RAM.start | (n << 16n)),
});

/** Addresses in either half of the space, tagged or not, and for stage 2 alone. */
const anyAddress = fc
  .tuple(
    fc.bigInt({ min: 0n, max: 0xffff_ffff_ffffn }),
    fc.nat(47),
    fc.constantFrom(0n, 0n, 0xffffn << 48n, 0xabn << 56n),
  )
  .map(([low, bits, top]) => BigInt.asUintN(64, ((low >> BigInt(bits)) & ~3n) | top));

/** A configuration over memory in which everything is a descriptor or a CD, and accesses of one direction. */
export const anyConfiguration: fc.Arbitrary<Configuration> = fc
  .record({
    seed: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    entry: anySte,
    steMistake,
    context: anyCd,
    cdMistake,
    write: fc.boolean(),
    addresses: fc.array(anyAddress, { minLength: 1, maxLength: 6 }),
  })
  .map(({ seed, entry, steMistake: wrongSte, context, cdMistake: wrongCd, write, addresses }) => {
    const contextWords = encode(cd, { V: 1, AA64: 1, A: 1, ...context, ...wrongCd });
    const read: ReadMemory64 = (address) => {
      if (address < RAM.start || address + 8n > RAM.start + RAM.size) return undefined;
      if (((address >> 6n) & 7n) === CD_SLOT) return contextWords[Number((address >> 3n) & 7n)];
      return descriptor(mixed(seed, address));
    };
    return {
      ste: encode(ste, { V: 1, S2AA64: 1, ...entry, ...wrongSte }),
      read,
      accesses: addresses.map((address) => dataAccess(SID, address, write ? 'write' : 'read')),
    };
  });
