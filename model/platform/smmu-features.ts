import { decode } from '../../spec/bits.ts';
import { addressBits } from '../../spec/smmuv3/address.ts';
import { idr0, idr1, idr5, iidr, StallModel } from '../../spec/smmuv3/id-registers.ts';
import type { IommuHardware } from './platform.ts';

/** What the driver takes from the ID registers when it probes a pSMMU. */
export interface SmmuFeatures {
  readonly stage1: boolean;
  readonly stage2: boolean;
  /** Both stages at once, which errata of some implementations forbid. */
  readonly nesting: boolean;
  readonly coherentWalks: boolean;
  readonly ats: boolean;
  readonly dirtyTracking: boolean;
  /** Every stage must stall on its faults (IDR0.STALL_MODEL = 0b10). */
  readonly mustStall: boolean;
  readonly vmidBits: number;
  readonly ssidBits: number;
  /** Last IOVA of a stage-1 and of a stage-2 domain. */
  readonly stage1Last: bigint;
  readonly stage2Last: bigint;
  /** Sizes of the pages that tables can be of, ascending. */
  readonly granules: readonly bigint[];
}

const GRANULES = [
  ['GRAN4K', 0x1000n],
  ['GRAN16K', 0x4000n],
  ['GRAN64K', 0x1_0000n],
] as const;

/** What the driver takes the reserved value of IDR5.OAS for. */
const OAS_IF_RESERVED = 48;

/** Input bits of a stage-1 table: 48, or 52 with IDR5.VAX. */
const STAGE1_BITS = [48, 52] as const;

const HTTU_DIRTY = 2;

const known = new WeakMap<IommuHardware, SmmuFeatures>();

/** The features of a pSMMU, read off its registers once. */
export function featuresOf(hardware: IommuHardware): SmmuFeatures {
  let features = known.get(hardware);
  if (features === undefined) {
    features = probe(hardware);
    known.set(hardware, features);
  }
  return features;
}

/** IIDR of Arm's implementations, and the first variant of each that may nest. */
const ARM = 0x43b;
const NESTS_FROM_VARIANT: ReadonlyMap<number, number> = new Map([
  [0x483, 2],
  [0x487, 1],
]);

/** arm_smmu_device_iidr_probe(): MMU-600 before r2 (erratum 1209401) and MMU-700 r0 (2268618, 2812531). */
function hasNestingErratum(hardware: IommuHardware): boolean {
  const { Implementer, ProductID, Variant } = decode(iidr, [BigInt(hardware.iidr)]);
  return Implementer === ARM && Variant < (NESTS_FROM_VARIANT.get(ProductID) ?? 0);
}

function probe(hardware: IommuHardware): SmmuFeatures {
  const r0 = decode(idr0, [BigInt(hardware.idr[0] ?? 0)]);
  const r1 = decode(idr1, [BigInt(hardware.idr[1] ?? 0)]);
  const r5 = decode(idr5, [BigInt(hardware.idr[5] ?? 0)]);
  return {
    mustStall: r0.STALL_MODEL === StallModel.StallForced,
    stage1: r0.S1P === 1,
    stage2: r0.S2P === 1,
    nesting: r0.S1P === 1 && r0.S2P === 1 && !hasNestingErratum(hardware),
    coherentWalks: r0.COHACC === 1,
    ats: r0.ATS === 1,
    dirtyTracking: r0.HTTU >= HTTU_DIRTY,
    vmidBits: r0.VMID16 === 1 ? 16 : 8,
    ssidBits: r1.SSIDSIZE,
    stage1Last: (1n << BigInt(STAGE1_BITS[r5.VAX] ?? STAGE1_BITS[0])) - 1n,
    granules: GRANULES.flatMap(([name, bytes]) => (r5[name] === 1 ? [bytes] : [])),
    stage2Last: (1n << BigInt(addressBits(r5.OAS, OAS_IF_RESERVED))) - 1n,
  };
}
