import type { Override } from '../../model/rules.ts';

/** The loop that moves a group back ran over the device that had refused, whose old domain was then not the one that it is told to leave. */
export const refusedDeviceMovedBack: Override = {
  name: 'refused-device-moved-back',
  kind: 'defect',
  summary: 'after a refusal within a group, the device that refused is moved back as well',
  source: 'iommu: Do not revert set_domain for the last gdev (2025-10-23)',
  foundBy: 'driver-moves-are-consistent',
  rules: { iommufd: { movedBack: (accepted, refused) => [...accepted, refused] } },
};
