import { table } from '../table.ts';

export const DEVICES_MUTANTS = table({
  /** GBPA has its reset value, so that all traffic bypasses a pSMMU that is switched off. */
  'disable-leaves-bypass': {
    kind: 'mutant',
    summary: 'the driver disables a pSMMU and leaves GBPA as firmware set it',
    source: 'IHI0070 3.11, 6.3.18; Linux relies on devices being quiet by then (arm_smmu_device_disable())',
    rules: { smmuMachine: { disableAborts: false } },
  },
  'msi-untranslated': {
    kind: 'mutant',
    summary: 'an MSI is written without being translated',
    source: 'breaks unmapped-doorbell-faults-to-guest',
    rules: { msi: { msiIsTranslated: false } },
  },
  'message-has-physical-address': {
    kind: 'mutant',
    summary: 'an MSI message has the physical address of the doorbell',
    source: 'breaks no-host-address-in-message',
    rules: { msi: { messageHasPlace: false } },
  },
  'vectors-outlive-file': {
    kind: 'mutant',
    summary: "a device's vectors stay programmed after its file is closed",
    source: 'breaks no-doorbell-outlives-its-user',
    rules: { msi: { vectorsGoWithFile: false } },
  },
  'unisolated-msi-allowed': {
    kind: 'mutant',
    summary: 'a device can be bound although its writes can raise interrupts of other devices',
    source: 'made up, to break unsafe-interrupts-stay-with-host',
    rules: { msi: { unisolatedMsiIsRefused: false } },
  },
  'pasid-compat-unchecked': {
    kind: 'mutant',
    summary:
      'a PASID can be attached although its HWPT, or that of requests without PASID, was allocated without IOMMU_HWPT_ALLOC_PASID',
    source: 'made up, to break pasid-compat-agrees',
    rules: { iommufd: { pasidNeedsCompat: false } },
  },
  'nested-alloc-needs-vdevice': {
    kind: 'mutant',
    summary: 'a nested HWPT can be allocated only for a device that has a vDEVICE',
    source: 'made up, to break hwpt-alloc-is-taken; only an attach that translates needs one (rule R-27)',
    rules: { iommufd: { nestedAllocNeedsVdevice: true } },
  },
  'group-pasid-not-undone': {
    kind: 'mutant',
    summary: 'if a later member of a group refuses a PASID, it stays attached for the members before it',
    source: 'made up, to break group-pasid-all-or-none; the undo is that of __iommu_set_group_pasid()',
    rules: { iommufd: { failedGroupPasidIsUndone: false } },
  },
  'unmap-asks-nobody': {
    kind: 'mutant',
    summary: 'an unmap removes areas although drivers have pinned pages in them',
    source: 'against rule R-11: iommufd_access_notify_unmap()',
    rules: { accesses: { unmapAsksDrivers: false } },
  },
  'descriptors-are-not-used-again': {
    kind: 'mutant',
    summary: 'a process gets the descriptor behind its last one, although lower ones are free',
    source: 'against open(2): "the lowest-numbered file descriptor not currently open"',
    rules: { host: { descriptorIsLowest: false } },
  },
  'reset-lets-attach': {
    kind: 'mutant',
    summary: 'a device can be attached while it is being reset',
    source: 'against rules R-41 and R-51: pci_dev_reset_iommu_prepare()',
    rules: { host: { resetHoldsDomain: false } },
  },
});
