import type { Override } from '../../model/rules.ts';

/** Before, unbinding a device left its vDEVICE in the table with a pointer to what was gone. */
export const unbindLeavesVdevice: Override = {
  name: 'unbind-leaves-vdevice',
  kind: 'defect',
  summary: "a device's vDEVICE outlives the device that it stands for",
  source: 'iommufd: Destroy vdevice on idevice destroy (2025-07-18)',
  foundBy: 'no-dangling-reference',
  rules: { iommufd: { unbindDestroysVdevice: false } },
};
