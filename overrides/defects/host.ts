import { table } from '../table.ts';

/** Bugs that show when the host finds a device. */
export const PROBE_DEFECTS = table({
  'repeated-stream-refused': {
    kind: 'defect',
    summary:
      'a device that lists a StreamID twice is refused: the StreamID is taken already, by the device itself',
    source: 'iommu/arm-smmu-v3: Fix iommu_device_probe bug due to duplicated stream ids (b00d24997a11)',
    rules: { host: { repeatedStreamIsSkipped: false } },
  },
  'mapping-at-zero-unseen': {
    kind: 'defect',
    summary:
      'an IOVA that maps to physical address 0 is taken for unmapped, and a firmware region there is mapped a second time',
    source: 'iommu: Fix mapping check for 0x0 to avoid re-mapping it (Linux 7.0.1)',
    foundBy: 'found-again-is-usable',
    rules: { host: { mappingIsSeen: (physical) => physical !== 0n } },
  },
  'cd-table-outlives-device': {
    kind: 'defect',
    summary:
      "a device's CD table is freed with the SMMU driver, not with the device, which gets a second one when it is probed again",
    source: 'iommu/arm-smmu-v3: Do not use devm for the cd table allocations (Linux 6.11.3)',
    rules: { host: { cdTableGoesWithDevice: false } },
  },
});
