import { vtd3 } from '../../spec/pasid/descriptions.ts';
import { FEW, pasidPlatform } from './pasid-platform.ts';
import type { Scope } from './scope.ts';

export const mdev: Scope = {
  name: 'mdev',
  summary:
    'Two virtual machines that share a function in slices, and take turns with another, behind an IOMMU as vt-d3: PASIDs, shadowing and nesting.',
  adversary: 'guest',
  platform: pasidPlatform('mdev', { ...FEW, hardware: vtd3 }),
};
