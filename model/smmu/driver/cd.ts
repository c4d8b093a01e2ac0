import { decode, encode, maskOf } from '../../../spec/bits.ts';
import { cd } from '../../../spec/smmuv3/cd.ts';
import { idr5 } from '../../../spec/smmuv3/id-registers.ts';
import type { IommuHardware } from '../../platform/platform.ts';
import { featuresOf } from '../../platform/smmu-features.ts';
import type { Words } from '../../world/command.ts';
import type { EntryFormat } from './entry-update.ts';
import { NORMAL_INNER_SHAREABLE, stage1Geometry } from './tables.ts';

/** MAIR of the driver's tables: non-cacheable, write-back, Device-nGnRE. */
const MAIR = 0x0000_0000_0004_ff44n;

/** A CD that was never written, or cleared: V=0. */
export const INVALID_CD: Words = Object.freeze(encode(cd, {}));

/** The CD of a stage-1 domain (arm_smmu_make_s1_cd()). */
export function stage1Cd(hardware: IommuHardware, asid: number, table: bigint): Words {
  const { OAS } = decode(idr5, [BigInt(hardware.idr[5] ?? 0)]);
  return encode(cd, {
    T0SZ: 64 - stage1Geometry(hardware).inputBits,
    IR0: NORMAL_INNER_SHAREABLE.inner,
    OR0: NORMAL_INNER_SHAREABLE.outer,
    SH0: NORMAL_INNER_SHAREABLE.shareability,
    EPD1: 1,
    V: 1,
    IPS: OAS,
    AA64: 1,
    R: 1,
    A: 1,
    S: featuresOf(hardware).mustStall ? 1 : 0,
    ASET: 1,
    ASID: asid,
    TTB0: table,
    MAIR,
  });
}

const VALID = maskOf(cd, ['V']);
const EVERYTHING: Words = VALID.map(() => 0xffff_ffff_ffff_ffffn);

/** The bits of a CD that the SMMU looks at (arm_smmu_get_cd_used(); EPD0 is never set here). */
function cdUsedBits(entry: Words): Words {
  return isValid(entry) ? EVERYTHING : VALID;
}

function isValid([first = 0n]: Words): boolean {
  return (first & (VALID[0] ?? 0n)) !== 0n;
}

/** A context descriptor, as the driver writes it. */
export const CD_FORMAT: EntryFormat = Object.freeze({ used: cdUsedBits, safe: () => [], isValid });
