import type { PasidPlatform } from '../../model/platform/pasid.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { kernel } from './hardware.ts';

/** A platform of two virtual machines and devices with PASIDs, and of nothing else. */
export function pasidPlatform(name: string, pasid: PasidPlatform): Platform {
  return {
    name,
    kernel: kernel({}),
    iommus: [],
    devices: [],
    its: [],
    vms: ['vm0', 'vm1'],
    userMemory: [],
    pasid,
  };
}

/** What the scopes share: a function with two slices and one that is given away as a whole; few of everything, so that they meet. */
export const FEW = {
  parents: [
    { id: 'vf0', slices: ['mdev0', 'mdev1'] },
    { id: 'vf1', slices: [] },
  ],
  pasids: 4,
  guestPasids: 2,
  ramPages: 2,
  iovaPages: 2,
  guestTables: 2,
} as const;
