import { describe, expect, it } from 'vitest';
import { invalidateGroup, invalidateSte } from '../../../../model/smmu/driver/ste-invalidation.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { guestDma } from '../../../../workload/scopes/guest-dma.ts';

const [device] = guestDma.platform.devices;

/** Devices as [SMMU, group, StreamIDs]. */
function platform(
  ...list: readonly (readonly [iommu: number, group: number, streamIds: readonly number[]])[]
) {
  if (device === undefined) throw new Error('the platform has devices');
  const devices = list.map(([iommu, group, streamIds]) => ({ ...device, iommu, group, streamIds }));
  return { ...guestDma.platform, devices };
}

describe('one command for the entries of a group', () => {
  it('is that of the one entry where there is no other', () => {
    expect(invalidateGroup(platform([0, 0, [8]], [0, 1, [9]]), 0, 8)).toEqual(invalidateSte(8));
  });

  it('has the smallest aligned block of StreamIDs with all of them', () => {
    const block = encodeCommand('CFGI_STE_RANGE', { StreamID: 8, Range: 1 });
    expect(invalidateGroup(platform([0, 0, [8, 9]], [0, 0, [11]], [0, 1, [15]]), 0, 9)).toEqual(block);
  });

  it('leaves out what is behind another SMMU', () => {
    expect(invalidateGroup(platform([0, 0, [8]], [1, 0, [9]]), 0, 8)).toEqual(invalidateSte(8));
  });
});
