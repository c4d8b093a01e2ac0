import type { IommuHardware, UserMemory } from '../../model/platform/platform.ts';
import { encode } from '../../spec/bits.ts';
import { cap, ecap } from '../../spec/vtd/registers.ts';
import { devices, ITS, kernel } from './hardware.ts';
import type { Scope } from './scope.ts';

/** 16-bit domain ids, second-stage tables of four levels, large pages of 2 MiB, page-selective invalidation. */
const CAP = encode(cap, { ND: 6, SAGAW: 0b100, MGAW: 47, SSLPS: 1, PSI: 1, MAMV: 9 })[0] ?? 0n;

const COMMON = { C: 1, QI: 1, DT: 1, SC: 1 } as const;

export const SCALABLE =
  encode(ecap, { ...COMMON, NEST: 1, SRS: 1, PASID: 1, PSS: 19, SMTS: 1, SSTS: 1, FSTS: 1, SMPWC: 1 })[0] ??
  0n;

const LEGACY = encode(ecap, COMMON)[0] ?? 0n;

export function unit(name: string, ecapValue: bigint): IommuHardware {
  const registers = { cap: CAP, ecap: ecapValue };
  return { kind: 'vtd', name, idr: [0, 0, 0, 0, 0, 0], iidr: 0, aidr: 0, vtd: registers };
}

/** 4 MiB, and in RAM as aligned as here: a large page fits. */
const USER_MEMORY: UserMemory = { start: 0x7f00_0000_0000n, last: 0x7f00_003f_ffffn, writable: true };

export const vtd: Scope = {
  name: 'vtd',
  summary:
    'A VT-d unit in scalable mode with two devices that have ATS and PASIDs, one in legacy mode with a device that has ATS, and two virtual machines: PASID tables of the host, tables of guests, and what caches hold of them.',
  adversary: 'guest',
  platform: {
    name: 'vtd',
    kernel: kernel({ hugePages: true }),
    iommus: [unit('dmar0', SCALABLE), unit('dmar1', LEGACY)],
    devices: devices([
      { group: 0, streamIds: [0x10], ats: true, pasidBits: 2 },
      { group: 1, streamIds: [0x18], ats: true, pasidBits: 2 },
      { iommu: 1, group: 2, streamIds: [0x20], ats: true },
    ]),
    its: [ITS],
    vms: ['vm0', 'vm1'],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
