import { deviation, type VtdDeviation } from './vtd-deviation.ts';

const no = () => false;

/** Root table, root and context entries, PASID directory and table. */
export const entryDeviations: readonly VtdDeviation[] = [
  deviation(
    'vtd-table-mode-half-decoded',
    'RTADDR_REG.TTM = 10 is taken for legacy mode and 11 for scalable mode; a unit without scalable mode ignores both bits.',
    'VT-d 11.4.6',
    { vtdArchitecture: { tableModeIsDecoded: no() } },
  ),
  deviation(
    'vtd-root-address-cut',
    "Bits of RTADDR_REG beyond the host's address width are cut, so that the root table is looked for elsewhere.",
    'VT-d 11.4.6',
    { vtdArchitecture: { rootTableAddressIsWhole: no() } },
  ),
  deviation(
    'vtd-whole-root-checked',
    'In scalable mode a reserved bit in one half of a root entry faults the devices that the other half serves.',
    'VT-d 9.2, SRT.3',
    { vtdArchitecture: { onlyUsedRootHalfIsChecked: no() } },
  ),
  deviation(
    'vtd-context-features-unchecked',
    'DTE, PASIDE, PRE and RID_PRIV are accepted from units that lack what they enable.',
    'VT-d 9.4, SCT.3',
    { vtdArchitecture: { contextFeaturesAreChecked: no() } },
  ),
  deviation(
    'vtd-rid-pasid-unused',
    'PASID 0 serves all requests without a PASID, whatever RID_PASID says.',
    'VT-d 9.4, ECAP_REG.RPS',
    { vtdArchitecture: { ridPasidIsUsed: no() } },
  ),
  deviation(
    'vtd-directory-size-unchecked',
    'PDTS is not looked at: a PASID beyond the directory reads what lies behind it.',
    'VT-d 9.4, SCT.7',
    { vtdArchitecture: { directorySizeIsChecked: no() } },
  ),
  deviation(
    'vtd-directory-reserved-ignored',
    "Bits 11:2 of a PASID directory entry are ignored, and bits beyond the host's width are taken as part of the address.",
    'VT-d 9.5, SPD.3',
    { vtdArchitecture: { directoryReservedIsChecked: no() } },
  ),
  deviation(
    'vtd-pasid-entry-reserved-ignored',
    "A PASID table entry is accepted with reserved bits, with fields of features that the unit lacks, and with address bits beyond the host's width.",
    'VT-d 9.6, SPT.3',
    { vtdArchitecture: { pasidEntryReservedIsChecked: no() } },
  ),
  deviation(
    'vtd-presence-last',
    'PGTT, AW and FSPM of a PASID table entry are checked before P: an entry of zeros is invalid, not absent.',
    'VT-d SPT.2, SPT.4',
    { vtdArchitecture: { presenceComesFirst: no() } },
  ),
  deviation(
    'vtd-pass-through-width-unchecked',
    'AW of a pass-through PASID table entry may be a width that the unit does not support.',
    'VT-d 9.6, SPT.4',
    { vtdArchitecture: { passThroughWidthIsChecked: no() } },
  ),
];
