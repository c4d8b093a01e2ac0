import type { LegacyIommu } from '../../model/platform/legacy.ts';
import type { Its } from '../../model/platform/platform.ts';
import { kernel } from './hardware.ts';
import type { Scope } from './scope.ts';

/** The ITS window that SMMU drivers keep. */
const WINDOW = { start: 0x800_0000n, last: 0x80f_ffffn };

/** Where x86 takes writes for interrupts before they are translated. */
const INTERRUPT_RANGE: Its = { doorbell: 0xfee0_0000n, doorbellPages: 256, untranslated: true };

const SMMU: LegacyIommu = {
  name: 'smmu',
  stage1: true,
  stage2: true,
  nestingAttribute: true,
  pageSize: 0x1000n,
  lastIova: 0xffff_ffff_ffffn,
  msiWindow: WINDOW,
  enforcesCoherency: false,
};

export const container: Scope = {
  name: 'container',
  summary:
    "VFIO's old containers: groups of two devices and of one behind an SMMU with both stages, one behind a stage 1 of larger pages, and one behind an IOMMU with a second level and no nesting attribute.",
  adversary: 'vmm',
  platform: {
    name: 'container',
    kernel: kernel({}),
    iommus: [],
    devices: [],
    its: [{ doorbell: 0x808_0000n, doorbellPages: 2 }, INTERRUPT_RANGE],
    vms: ['vm0'],
    userMemory: [],
    legacy: {
      iommus: [
        SMMU,
        { ...SMMU, name: 'smmu-s1', stage2: false, pageSize: 0x1_0000n },
        {
          ...SMMU,
          name: 'second-level',
          stage1: false,
          nestingAttribute: false,
          lastIova: 0x7f_ffff_ffffn,
          msiWindow: null,
          enforcesCoherency: true,
        },
      ],
      groups: [
        { iommu: 0, devices: ['nic0', 'nic1'], its: 0, msiVectors: 2 },
        { iommu: 0, devices: ['disk0'], its: 0, msiVectors: 2 },
        { iommu: 1, devices: ['gpu0'], its: 0, msiVectors: 2 },
        { iommu: 2, devices: ['nic2'], its: 1, msiVectors: 1 },
      ],
      containers: 2,
      dmaEntries: 3,
      memory: { start: 0x7f00_0000_0000n, last: 0x7f00_000f_ffffn },
    },
  },
};
