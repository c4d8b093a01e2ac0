import type { IommuHardware } from '../../model/platform/platform.ts';
import { update } from '../../spec/bits.ts';
import { idr0, idr1, idr3, idr5 } from '../../spec/smmuv3/id-registers.ts';
import { AddressSize } from '../../spec/smmuv3/ste.ts';
import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import { smmu } from './hardware.ts';

/** What differs between the pSMMUs of a mixed host. */
export interface Capabilities {
  /** As IDR5.OAS. */
  readonly oas?: number;
  readonly ssidSize?: number;
  readonly ril?: boolean;
  readonly ats?: boolean;
  readonly asid16?: boolean;
  readonly granule16K?: boolean;
  readonly iidr?: number;
}

/** The recorded machine's SMMUv3 with other capabilities. */
export function smmuWith(name: string, given: Capabilities): IommuHardware {
  const { oas = AddressSize.Bits44, ssidSize = 0, ril = true, asid16 = true, granule16K = true } = given;
  const { ats = false } = given;
  const base = smmu(name);
  const [i0, i1, i2, i3, i4, i5] = base.idr.map((value) => [BigInt(value)]);
  const only = ([word = 0n]: readonly bigint[]): number => Number(word);
  return {
    ...base,
    idr: [
      only(update(idr0, i0 ?? [], { ASID16: asid16 ? 1 : 0, ...(ats ? { ATS: 1 } : {}) })),
      only(update(idr1, i1 ?? [], { SSIDSIZE: ssidSize })),
      only(i2 ?? []),
      only(update(idr3, i3 ?? [], { RIL: ril ? 1 : 0 })),
      only(i4 ?? []),
      only(update(idr5, i5 ?? [], { OAS: oas, GRAN16K: granule16K ? 1 : 0 })),
    ],
    iidr: given.iidr ?? base.iidr,
  };
}

/** An IOMMU that is no SMMU. */
export function plainIommu(name: string): IommuHardware {
  return { kind: 'plain', name, idr: [0, 0, 0, 0, 0, 0], iidr: 0, aidr: 0 };
}

/** What QEMU's `arm-smmuv3` has where the operator says nothing. */
export const DEFAULT_PROPERTIES: VsmmuProperties = {
  oas: AddressSize.Bits44,
  ssidSize: 0,
  ril: true,
  ats: false,
  iommu: 'smmu0',
};
