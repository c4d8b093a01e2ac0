import { HW_INFO_TYPE } from '../../spec/iommufd/constants.ts';
import { driverFor } from '../iommufd/drivers/registry.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { BackdoorArgs } from './command.ts';

/**
 * What `vfio_register_iommu_driver()` for iommufd would give: the hardware information of any IOMMU, from its driver,
 * to a process that has an iommufd and no device (seed 000). No kernel has it: ENOTTY.
 */
export function iommuDriverInfo(tx: Tx, { iommu }: BackdoorArgs['iommuDriverInfo']): Result {
  if (!tx.rules.vmm.driverAnswersWithoutDevice) return refused('ENOTTY');
  const { platform } = tx.world;
  const device = platform.devices.findIndex((each) => each.iommu === iommu);
  if (device < 0) return refused('ENODEV');
  const info = driverFor(platform, iommu).hwInfo(platform, device, HW_INFO_TYPE.DEFAULT);
  if (typeof info === 'string') return refused(info);
  return done({ dataLen: info.length, dataType: info.type, data: info.words });
}
