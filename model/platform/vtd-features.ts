import { decode } from '../../spec/bits.ts';
import { cap, ecap } from '../../spec/vtd/registers.ts';
import type { IommuHardware } from './platform.ts';

/** What the driver takes from the capability registers of a DMA remapping unit. */
export interface VtdFeatures {
  /** Context entries lead to PASID tables; else to second-stage tables. */
  readonly scalable: boolean;
  readonly firstStage: boolean;
  readonly secondStage: boolean;
  readonly nesting: boolean;
  readonly fiveLevels: boolean;
  readonly supervisorRequests: boolean;
  readonly extendedAccessed: boolean;
  readonly snoopControl: boolean;
  readonly dirtyTracking: boolean;
  /** Hardware snoops the caches when it reads context entries and PASID tables. */
  readonly coherentTables: boolean;
  /** Hardware snoops the caches when it walks, and when it writes flags into tables. */
  readonly coherentWalks: boolean;
  /** Requests with a PASID; how many bits it has. */
  readonly pasidBits: number;
  readonly deviceTlb: boolean;
  readonly pageSelective: boolean;
  readonly largestMask: number;
  readonly largePages: boolean;
  readonly domainIdBits: number;
  /** Levels of second-stage tables less two (AGAW), the most that there are and that are not more than four. */
  readonly addressWidth: number;
  /** Last address of first-stage and of second-stage tables. */
  readonly firstStageLast: bigint;
  readonly secondStageLast: bigint;
}

const FOUR_LEVELS = 2;
const THREE_LEVELS = 1;
const LAST_BY_WIDTH = [30n, 39n, 48n, 57n] as const;

const known = new WeakMap<IommuHardware, VtdFeatures>();

/** The features of a remapping unit, read off its registers once. */
export function vtdFeaturesOf(hardware: IommuHardware): VtdFeatures {
  let features = known.get(hardware);
  if (features === undefined) {
    features = probe(hardware);
    known.set(hardware, features);
  }
  return features;
}

function probe({ vtd }: IommuHardware): VtdFeatures {
  const c = decode(cap, [vtd?.cap ?? 0n]);
  const e = decode(ecap, [vtd?.ecap ?? 0n]);
  const scalable = e.SMTS === 1;
  const addressWidth = ((c.SAGAW >> FOUR_LEVELS) & 1) === 1 ? FOUR_LEVELS : THREE_LEVELS;
  const byTable = LAST_BY_WIDTH[addressWidth] ?? 0n;
  const byUnit = BigInt(c.MGAW + 1);
  return {
    scalable,
    firstStage: scalable && e.FSTS === 1,
    secondStage: !scalable || e.SSTS === 1,
    nesting: scalable && e.NEST === 1,
    fiveLevels: c.FS5LP === 1,
    supervisorRequests: e.SRS === 1,
    extendedAccessed: e.EAFS === 1,
    snoopControl: e.SC === 1,
    dirtyTracking: scalable && e.SSADS === 1,
    coherentTables: e.C === 1,
    coherentWalks: scalable ? e.SMPWC === 1 : e.C === 1,
    pasidBits: scalable && e.PASID === 1 ? e.PSS + 1 : 0,
    deviceTlb: e.DT === 1,
    pageSelective: c.PSI === 1,
    largestMask: c.MAMV,
    largePages: (c.SSLPS & 1) === 1,
    domainIdBits: 4 + 2 * c.ND,
    addressWidth,
    firstStageLast: (1n << 47n) - 1n,
    secondStageLast: (1n << (byUnit < byTable ? byUnit : byTable)) - 1n,
  };
}
