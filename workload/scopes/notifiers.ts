import { kernel } from './hardware.ts';
import type { Scope } from './scope.ts';

export const notifiers: Scope = {
  name: 'notifiers',
  summary:
    'A VMM that maps on the host what the guest of its emulated IOMMU maps, by two notifiers with a hole between their ranges, whose lengths are no powers of two.',
  adversary: 'guest',
  platform: {
    name: 'notifiers',
    kernel: kernel({}),
    iommus: [],
    devices: [],
    its: [],
    vms: ['vm0'],
    userMemory: [],
    notifiers: {
      ranges: [
        { first: 0, last: 28 },
        { first: 31, last: 58 },
      ],
    },
  },
};
