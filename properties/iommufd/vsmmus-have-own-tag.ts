import { firstObject } from '../look.ts';
import { hasFreeVsmmus, hasVsmmus } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const vsmmusHaveOwnTag: StateProperty = {
  id: 'vsmmus-have-own-tag',
  sentence: 'No two vSMMUs of a pSMMU share a VMID, so equal ASIDs of their guests never meet in its TLB.',
  source: 'IHI0070 3.17 (TLB tagging); iommu/arm-smmu-v3: per-vSMMU VMID (2026-03)',
  kind: 'state',
  appliesTo: (platform) => hasFreeVsmmus(platform) || hasVsmmus(platform),
  brokenBy: 'vsmmus-share-vmid',
  violated(world) {
    const owners = new Map<string, number>();
    return firstObject(world, (object, id) => {
      if (object.type !== 'viommu') return null;
      const tag = `${object.iommu}:${object.vmid}`;
      const other = owners.get(tag);
      owners.set(tag, id);
      return other === undefined
        ? null
        : `vIOMMUs ${other} and ${id} both use VMID ${object.vmid} of pSMMU ${object.iommu}`;
    });
  },
  witness(world) {
    let count = 0;
    firstObject(world, (object) => {
      if (object.type === 'viommu') count++;
      return null;
    });
    return count > 1;
  },
};
