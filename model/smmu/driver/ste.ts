import { decode, encode, maskOf } from '../../../spec/bits.ts';
import { addressBits } from '../../../spec/smmuv3/address.ts';
import { idr5 } from '../../../spec/smmuv3/id-registers.ts';
import { Eats, guestSteMask, S1Dss, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import type { NestedStream } from '../../iommufd/drivers/driver.ts';
import type { IommuHardware } from '../../platform/platform.ts';
import type { Words } from '../../world/command.ts';
import { NORMAL_INNER_SHAREABLE, stage2Geometry } from './tables.ts';

/** An entry that was never written: V=0. */
export const INVALID_STE: Words = Object.freeze(encode(ste, {}));

/** Terminates everything, without an event: streams that nothing is attached to, guests' ABORT and V=0. */
export const ABORT_STE: Words = Object.freeze(encode(ste, { V: 1, Config: SteConfig.Abort }));

/** A stream whose stage 1 the host owns: one CD (arm_smmu_make_cdtable_ste()). */
export function stage1Ste(contextPointer: bigint, ats = false): Words {
  return encode(ste, {
    V: 1,
    Config: SteConfig.S1Trans,
    S1ContextPtr: contextPointer,
    S1DSS: S1Dss.Substream0,
    S1CIR: NORMAL_INNER_SHAREABLE.inner,
    S1COR: NORMAL_INNER_SHAREABLE.outer,
    S1CSH: NORMAL_INNER_SHAREABLE.shareability,
    EATS: ats ? Eats.Translated : Eats.Abort,
  });
}

/** A stream on a stage-2 domain, and a nested one with Config=BYPASS (arm_smmu_make_s2_domain_ste()). */
export function stage2Ste(
  hardware: IommuHardware,
  vmid: number,
  table: bigint,
  stalls = false,
  ats = false,
): Words {
  const { OAS } = decode(idr5, [BigInt(hardware.idr[5] ?? 0)]);
  const { startLevel } = stage2Geometry(hardware);
  return encode(ste, {
    V: 1,
    Config: SteConfig.S2Trans,
    S2VMID: vmid,
    S2T0SZ: 64 - addressBits(OAS),
    S2SL0: 2 - startLevel,
    S2IR0: NORMAL_INNER_SHAREABLE.inner,
    S2OR0: NORMAL_INNER_SHAREABLE.outer,
    S2SH0: NORMAL_INNER_SHAREABLE.shareability,
    S2PS: OAS,
    S2AA64: 1,
    S2PTW: 1,
    S2R: 1,
    S2S: stalls ? 1 : 0,
    S2TTB: table,
    EATS: ats ? Eats.Translated : Eats.Abort,
  });
}

const CONFIG = maskOf(ste, ['Config'])[0] as bigint;
const EATS = maskOf(ste, ['EATS'])[1] as bigint;
const [NESTED = 0n, MERGED_EVENTS = 0n] = encode(ste, { V: 1, Config: SteConfig.Nested, MEV: 1 });

/**
 * A guest's STE in the host's terms (arm_smmu_make_nested_domain_ste()): the guest's words over the stage-2 entry of
 * the nesting parent, which says whether the device has ATS; events merged so that a guest cannot flood the queue.
 */
export function nestedSte({ config, ste: guest }: NestedStream, stage2: Words): Words {
  switch (config) {
    case 'abort':
      return ABORT_STE;
    case 'bypass':
      return stage2;
    case 's1Translate': {
      const [word0, word1] = guest;
      const [mask0 = 0n, mask1 = 0n] = guestSteMask;
      return [
        NESTED | (word0 & mask0 & ~CONFIG),
        (stage2[1] ?? 0n) | MERGED_EVENTS | (word1 & mask1 & ~EATS),
        ...stage2.slice(2),
      ];
    }
  }
}
