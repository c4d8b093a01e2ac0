import { encode } from '../../spec/bits.ts';
import { ecap } from '../../spec/vtd/registers.ts';
import { devices, ITS, kernel, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { SCALABLE, unit } from './vtd.ts';

const SNOOPS = encode(ecap, { C: 1, SMPWC: 1 })[0] ?? 0n;

export const vtdAliases: Scope = {
  name: 'vtd-aliases',
  summary:
    'A VT-d unit in scalable mode that does not snoop the caches, with a group of two functions whose requests a bridge forwards under one ID, and a device alone: groups move as one, and stores reach the unit when they are written back.',
  adversary: 'guest',
  platform: {
    name: 'vtd-aliases',
    kernel: kernel({}),
    iommus: [unit('dmar0', SCALABLE & ~SNOOPS)],
    devices: devices([
      { group: 0, streamIds: [0x108], alias: 0x100, pasidBits: 1 },
      { group: 0, streamIds: [0x110], alias: 0x100, pasidBits: 1 },
      { group: 1, streamIds: [0x18], ats: true, pasidBits: 1 },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
