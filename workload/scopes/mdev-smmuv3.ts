import { smmuv3 } from '../../spec/pasid/descriptions.ts';
import { FEW, pasidPlatform } from './pasid-platform.ts';
import type { Scope } from './scope.ts';

export const mdevSmmuv3: Scope = {
  name: 'mdev-smmuv3',
  summary:
    'The same functions and slices behind an SMMUv3: its guests own PASID tables, and slices can only be shadowed.',
  adversary: 'guest',
  platform: pasidPlatform('mdev-smmuv3', { ...FEW, hardware: smmuv3 }),
};
