import { encode } from '../../../spec/bits.ts';
import { HWPT_VTD_S1 } from '../../../spec/iommufd/constants.ts';
import {
  AddressWidth,
  ContextTt,
  legacyContext,
  Pgtt,
  pasidEntry,
  scalableContext,
} from '../../../spec/vtd/entries.ts';
import type { NestedTable, PagingDomain } from '../../iommufd/drivers/driver.ts';
import type { VtdFeatures } from '../../platform/vtd-features.ts';
import type { Words } from '../../world/command.ts';
import { directoryAddress } from './layout.ts';

export const NO_PASID_ENTRY: Words = Object.freeze(encode(pasidEntry, {}));
export const NO_CONTEXT: Words = Object.freeze(encode(scalableContext, {}));

/** The entry that serves requests without PASID (IOMMU_NO_PASID). */
export const RID_PASID = 0;

/** A directory of 2^(PDTS + 7) entries with 64 PASIDs each. */
const SMALLEST_DIRECTORY_BITS = 13;

const FIVE_LEVELS = 57;

function widthOf({ addressWidth }: VtdFeatures): number {
  return addressWidth === 2 ? AddressWidth.Levels4 : AddressWidth.Levels3;
}

/** A device in scalable mode: everything else is said by its PASID table. */
export function scalableEntry(features: VtdFeatures, device: number, table: number, ats: boolean): Words {
  return encode(scalableContext, {
    P: 1,
    DTE: ats && features.deviceTlb ? 1 : 0,
    PASIDE: features.pasidBits > 0 ? 1 : 0,
    PDTS: Math.max(0, features.pasidBits - SMALLEST_DIRECTORY_BITS),
    PASIDDIRPTR: directoryAddress(device, table),
    RID_PASID,
  });
}

/** A device in legacy mode on a second-stage domain (domain_context_mapping_one()). */
export function legacyEntry(features: VtdFeatures, domainId: number, table: bigint, ats: boolean): Words {
  return encode(legacyContext, {
    P: 1,
    TT: ats && features.deviceTlb ? ContextTt.WithDeviceTlb : ContextTt.Untranslated,
    SSPTPTR: table,
    AW: widthOf(features),
    DID: domainId,
  });
}

/** intel_pasid_setup_first_level() and intel_pasid_setup_second_level(). */
export function pagingEntry(
  features: VtdFeatures,
  { stage, enforceCoherency }: Pick<PagingDomain, 'stage' | 'enforceCoherency'>,
  domainId: number,
  table: bigint,
  tracks: boolean,
): Words {
  const common = { P: 1, DID: domainId, AW: widthOf(features), PWSNP: 1 } as const;
  return stage === 1
    ? encode(pasidEntry, {
        ...common,
        PGTT: Pgtt.First,
        FSPTPTR: table,
        NXE: 1,
        PGSNP: enforceCoherency ? 1 : 0,
      })
    : encode(pasidEntry, { ...common, PGTT: Pgtt.Second, SSPTPTR: table, SSADE: tracks ? 1 : 0 });
}

/** intel_pasid_setup_nested(): the guest's table over the host's. */
export function nestedEntry(
  features: VtdFeatures,
  { flags, table: guest, addressWidth }: NestedTable,
  domainId: number,
  table: bigint,
  tracks: boolean,
): Words {
  const flag = (bit: bigint): number => ((flags & bit) === 0n ? 0 : 1);
  return encode(pasidEntry, {
    P: 1,
    PGTT: Pgtt.Nested,
    AW: widthOf(features),
    DID: domainId,
    SSPTPTR: table,
    SSADE: tracks ? 1 : 0,
    FSPTPTR: guest & ~0xfffn,
    FSPM: addressWidth === FIVE_LEVELS ? 1 : 0,
    SRE: flag(HWPT_VTD_S1.SRE),
    EAFE: flag(HWPT_VTD_S1.EAFE),
    WPE: flag(HWPT_VTD_S1.WPE),
    PWSNP: 1,
  });
}
