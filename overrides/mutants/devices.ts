import { table } from '../table.ts';

export const DEVICES_MUTANTS = table({
  /** GBPA has its reset value, so that all traffic bypasses a pSMMU that is switched off. */
  'disable-leaves-bypass': {
    kind: 'mutant',
    summary: 'the driver switches a pSMMU off and leaves GBPA as firmware had it',
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
    summary: "a message has the doorbell's physical address",
    source: 'breaks no-host-address-in-message',
    rules: { msi: { messageHasPlace: false } },
  },
  'vectors-outlive-file': {
    kind: 'mutant',
    summary: "a device's vectors stay programmed when its file is closed",
    source: 'breaks no-doorbell-outlives-its-user',
    rules: { msi: { vectorsGoWithFile: false } },
  },
  'unisolated-msi-allowed': {
    kind: 'mutant',
    summary: 'devices are given away also where their writes can raise interrupts of others',
    source: 'made up, to break unsafe-interrupts-stay-with-host',
    rules: { msi: { unisolatedMsiIsRefused: false } },
  },
  'pasid-compat-unchecked': {
    kind: 'mutant',
    summary: 'requests with and without PASID may be on HWPTs that were not made for each other',
    source: 'made up, to break pasid-compat-agrees',
    rules: { iommufd: { pasidNeedsCompat: false } },
  },
  'group-pasid-not-undone': {
    kind: 'mutant',
    summary: 'a PASID that a later member of the group refuses stays attached for those before it',
    source: 'made up, to break group-pasid-all-or-none; the undo is that of __iommu_set_group_pasid()',
    rules: { iommufd: { failedGroupPasidIsUndone: false } },
  },
  'unmap-asks-nobody': {
    kind: 'mutant',
    summary: 'an unmap takes areas although drivers have pinned some of their pages',
    source: 'against rule R-11: iommufd_access_notify_unmap()',
    rules: { accesses: { unmapAsksDrivers: false } },
  },
  'reset-lets-attach': {
    kind: 'mutant',
    summary: 'a device that is being reset is attached all the same',
    source: 'against rules R-41 and R-51: pci_dev_reset_iommu_prepare()',
    rules: { host: { resetHoldsDomain: false } },
  },
});
