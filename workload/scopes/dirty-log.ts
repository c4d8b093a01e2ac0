import { encode } from '../../spec/bits.ts';
import { ecap } from '../../spec/vtd/registers.ts';
import { devices, ITS, kernel, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { SCALABLE, unit } from './vtd.ts';

const TRACKING = SCALABLE | (encode(ecap, { SSADS: 1 })[0] ?? 0n);

const COHERENT = encode(ecap, { SMPWC: 1 })[0] ?? 0n;

export const dirtyLog: Scope = {
  name: 'dirty-log',
  summary:
    "A VT-d unit that flags what devices write in second-stage tables, another that does so without snooping the caches, and a device with PASIDs behind each, on a nesting parent and on guests' tables over it: which writes the bitmap tells of.",
  adversary: 'guest',
  platform: {
    name: 'dirty-log',
    kernel: kernel({}),
    iommus: [unit('dmar0', TRACKING), unit('dmar1', TRACKING & ~COHERENT)],
    devices: devices([
      { group: 0, streamIds: [0x10], pasidBits: 1 },
      { iommu: 1, group: 1, streamIds: [0x18], pasidBits: 1 },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
