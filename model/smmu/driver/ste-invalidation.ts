import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Platform } from '../../platform/platform.ts';

/** What makes the SMMU fetch one STE anew (arm_smmu_sync_ste_for_sid()). */
export function invalidateSte(streamId: number): CommandWords {
  return encodeCommand('CFGI_STE', { StreamID: streamId, Leaf: 1 });
}

/**
 * The aligned block of StreamIDs around all of a group, named by the first of them; the architecture lets a driver
 * write it so (IHI0070 4.3.2), and Linux does not.
 */
export function invalidateGroup({ devices }: Platform, smmu: number, streamId: number): CommandWords {
  const group = devices.find((each) => each.iommu === smmu && each.streamIds.includes(streamId))?.group;
  const [first = streamId, ...others] = devices.flatMap((each) =>
    each.group === group && each.iommu === smmu ? each.streamIds : [],
  );
  if (others.length === 0) return invalidateSte(streamId);
  let bits = 1;
  while (others.some((id) => Math.floor(id / 2 ** bits) !== Math.floor(first / 2 ** bits))) bits++;
  return encodeCommand('CFGI_STE_RANGE', { StreamID: first, Range: bits - 1 });
}
