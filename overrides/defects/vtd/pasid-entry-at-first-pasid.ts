import type { Override } from '../../../model/rules.ts';

/**
 * The bug was that of SVA domains, which carry a PASID of their own and were installed there whatever PASID was asked for.
 * Nothing here has SVA; this is the same for a domain that is attached at several PASIDs.
 */
export const pasidEntryAtFirstPasid: Override = {
  name: 'pasid-entry-at-first-pasid',
  kind: 'defect',
  summary: 'a domain that is attached at a second PASID is installed at the first once more',
  source:
    'the form that iommu/arm-smmu-v3: Do not allow a SVA domain to be set on the wrong PASID takes without SVA',
  rules: {
    vtd: {
      pasidEntryIndex: (pasid, attachedAt) => Math.min(pasid, ...attachedAt.filter((each) => each > 0)),
    },
  },
};
