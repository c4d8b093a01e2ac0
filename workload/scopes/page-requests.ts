import { devices, ITS, kernel, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { SCALABLE, unit } from './vtd.ts';

export const pageRequests: Scope = {
  name: 'page-requests',
  summary:
    'Two devices that make page requests (PRI) behind a VT-d unit: fault queues, what is read from them and answered, and what becomes of requests when a device leaves its HWPT.',
  adversary: 'guest',
  platform: {
    name: 'page-requests',
    kernel: kernel({}),
    iommus: [unit('dmar0', SCALABLE)],
    devices: devices([
      { group: 0, streamIds: [0x10], pasidBits: 1, pageRequests: 3 },
      { group: 1, streamIds: [0x18], pageRequests: 3 },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
