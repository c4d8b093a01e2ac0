import { MSI_WINDOW } from '../../model/iommufd/drivers/smmuv3.ts';
import { doorbellPages } from '../../model/platform/doorbell.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { featuresOf } from '../../model/platform/smmu-features.ts';
import type { CommandName } from '../../model/world/command.ts';
import { sharesBuses } from '../../properties/platforms.ts';
import type { Outcome } from './outcome.ts';

/** A declared outcome that no run on some platforms can have. */
export interface Unreachable {
  readonly command: CommandName;
  readonly outcome: Outcome;
  /** Why not, in words that are true of every platform for which `on` holds. */
  readonly reason: string;
  on(platform: Platform): boolean;
}

/** VMIDs that a run would have to take one by one. */
const MANY_VMIDS = 8;

function hasManyVmids({ iommus }: Platform): boolean {
  return iommus.every((smmu) => featuresOf(smmu).vmidBits > MANY_VMIDS);
}

/** Doorbells that one context has room for, in its list and in the window. */
function roomForDoorbells({ kernel }: Platform): number {
  const { start, last } = MSI_WINDOW;
  return Math.min(64, Number((last - start + 1n) / kernel.pageSize));
}

function doorbellsOf({ its }: Platform): number {
  return its.reduce((sum, each) => sum + doorbellPages(each), 0);
}

/** Whether the MSIs of any of the old groups may raise interrupts of others. */
function hasUnsafeGroup({ its, legacy }: Platform): boolean {
  return legacy?.groups.some((group) => its[group.its]?.unisolated === true) === true;
}

/** Outcomes that are only there where an IOMMU has hardware queues. */
const OF_QUEUES: readonly Outcome[] = ['ok', 'EEXIST', 'EIO', 'EFAULT', 'EADDRINUSE'];

function hasMockDevices({ devices }: Platform): boolean {
  return devices.some(({ mock }) => mock !== undefined);
}

export const UNREACHABLE: readonly Unreachable[] = [
  {
    command: 'vfioBind',
    outcome: 'EBUSY',
    reason: 'no process opens the file of a group',
    on: (platform) => !sharesBuses(platform),
  },
  ...OF_QUEUES.map(
    (outcome): Unreachable => ({
      command: 'hwQueueAlloc',
      outcome,
      reason: 'no IOMMU has hardware queues that it could give away',
      on: (platform) => !hasMockDevices(platform),
    }),
  ),
  {
    command: 'vfioAttach',
    outcome: 'EBUSY',
    reason: 'no device is reset in two steps',
    on: ({ devices }) => !devices.some(({ resets = false }) => resets),
  },
  {
    command: 'hwptAlloc',
    outcome: 'ENOSPC',
    reason: 'a pSMMU with 16-bit VMIDs has 65535 of them',
    on: hasManyVmids,
  },
  {
    command: 'viommuAlloc',
    outcome: 'ENOSPC',
    reason: 'a pSMMU with 16-bit VMIDs has 65535 of them',
    on: hasManyVmids,
  },
  {
    command: 'vfioSetIrqs',
    outcome: 'EOVERFLOW',
    reason: 'there are fewer doorbells than a context has room for',
    on: (platform) => doorbellsOf(platform) <= roomForDoorbells(platform),
  },
  {
    command: 'containerSetIommu',
    outcome: 'EPERM',
    reason: 'no device of a group can raise interrupts of others',
    on: (platform) => !hasUnsafeGroup(platform),
  },
  {
    command: 'option',
    outcome: 'EPERM',
    reason: 'the process may change its resource limits',
    on: ({ kernel }) => kernel.capSysResource,
  },
  {
    command: 'option',
    outcome: 'EBUSY',
    reason: 'only RLIMIT_MODE is ever busy, and the process is not allowed to set it in the first place',
    on: ({ kernel }) => !kernel.capSysResource,
  },
  {
    command: 'vfioBind',
    outcome: 'EPERM',
    reason:
      'every group has one device, and a second BIND of a device is EINVAL before its group is looked at',
    on: ({ devices }) => new Set(devices.map(({ group }) => group)).size === devices.length,
  },
  {
    command: 'vdeviceAlloc',
    outcome: 'EOPNOTSUPP',
    reason: 'every device has one StreamID',
    on: ({ devices }) => devices.every(({ streamIds }) => streamIds.length === 1),
  },
  {
    command: 'callEnds',
    outcome: 'EOPNOTSUPP',
    reason: 'every device has one StreamID',
    on: ({ devices }) => devices.every(({ streamIds }) => streamIds.length === 1),
  },
  {
    command: 'containerMapDma',
    outcome: 'EOVERFLOW',
    reason: 'the intended rules refuse a range that wraps as Linux did before 7.2, with EINVAL',
    on: () => true,
  },
  {
    command: 'containerUnmapDma',
    outcome: 'EOVERFLOW',
    reason: 'the intended rules refuse a range that wraps as Linux did before 7.2, with EINVAL',
    on: () => true,
  },
  {
    command: 'ioasMapFile',
    outcome: 'ok',
    reason: 'no process opens a file in memory',
    on: (platform) => !sharesBuses(platform),
  },
  {
    command: 'ioasMapFile',
    outcome: 'EEXIST',
    reason: 'no process opens a file in memory',
    on: (platform) => !sharesBuses(platform),
  },
  {
    command: 'vfioSetIrqs',
    outcome: 'EBUSY',
    reason: 'no process asks for an eventfd that unmasks a line',
    on: (platform) => !sharesBuses(platform),
  },
];

/** What no run on a platform can have, with the reason. */
export function unreachableOn(platform: Platform): readonly Unreachable[] {
  return UNREACHABLE.filter((each) => each.on(platform));
}
