import { isUnsafe } from '../../model/platform/doorbell.ts';
import type { Its, Platform } from '../../model/platform/platform.ts';
import type { World } from '../../model/world/world.ts';
import type { StepProperty } from '../property.ts';

function isUnsafeAt(platform: Platform, its: number): boolean {
  return isUnsafe(platform.its[its] as Its, platform);
}

function hasUnsafe(platform: Platform): boolean {
  return [...platform.devices, ...(platform.legacy?.groups ?? [])].some(({ its }) =>
    isUnsafeAt(platform, its),
  );
}

/** A user's device whose writes can raise interrupts of others. */
function givenAway({ platform, devices, legacy }: World): string | null {
  const at = devices.findIndex(
    ({ opened }, device) => opened && isUnsafeAt(platform, platform.devices[device]?.its ?? 0),
  );
  if (at >= 0) return platform.devices[at]?.id ?? null;
  const group = legacy?.groups.findIndex(
    ({ devices: open }, index) =>
      open.length > 0 && isUnsafeAt(platform, platform.legacy?.groups[index]?.its ?? 0),
  );
  return legacy?.groups[group ?? -1]?.devices[0] ?? null;
}

export const unsafeInterruptsStayWithHost: StepProperty = {
  id: 'unsafe-interrupts-stay-with-host',
  sentence:
    'A device whose writes can raise interrupts of other devices is given to no user, unless the administrator has allowed unsafe interrupts.',
  source: 'rule R-5; vfio_iommu_type1: allow_unsafe_interrupts; iommu_group_has_isolated_msi()',
  kind: 'step',
  appliesTo: hasUnsafe,
  brokenBy: 'unisolated-msi-allowed',
  violated({ world }) {
    const device = givenAway(world);
    return device === null ? null : `a user has ${device}, which can raise interrupts of others`;
  },
  witness({ before, command, result }) {
    if (result.ok || result.errno !== 'EPERM') return false;
    if (command.command === 'containerSetIommu') return true;
    return (
      command.command === 'groupSetContainer' &&
      before.legacy?.containers[command.args.container]?.type != null
    );
  },
};
