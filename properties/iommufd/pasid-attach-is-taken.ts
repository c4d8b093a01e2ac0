import type { HwptPaging } from '../../model/iommufd/objects.ts';
import type { DeviceHardware, IommuHardware, Platform } from '../../model/platform/platform.ts';
import { featuresOf } from '../../model/platform/smmu-features.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { VFIO_DEVICE, VFIO_IOCTL_SIZES } from '../../spec/vfio/constants.ts';
import { objectOf } from '../look.ts';
import { attachesPasids, hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** How many PASIDs a device has behind its SMMU: as many as both have bits for. */
function pasidsOf({ iommus }: Platform, { iommu, pasidBits = 0 }: DeviceHardware): number {
  const bits = Math.min(pasidBits, featuresOf(iommus[iommu] as IommuHardware).ssidBits);
  return bits === 0 ? 0 : 2 ** bits;
}

/** A stage-1 domain that was made for PASIDs, and the SMMU that it is of. */
function serves(hwpt: HwptPaging | null, iommu: number): hwpt is HwptPaging {
  return hwpt?.pasidCompat === true && hwpt.domain.stage === 1 && hwpt.domain.iommu === iommu;
}

/** Whether requests without PASID of a group go through nothing, or through what PASIDs can be beside (rules ). */
function leavesRoom({ contexts, groups }: World, group: number, iommu: number): boolean {
  const domain = groups[group]?.domain;
  if (domain?.kind !== 'hwpt') return domain?.kind === 'blocked';
  const context = contexts[domain.ctx];
  return context != null && serves(objectOf(context, domain.hwpt, 'hwptPaging'), iommu);
}

/** Of a group every device can take the PASID, or has none and makes no request with one; none is being reset. */
function groupTakes(
  { platform, devices, groups }: World,
  group: number,
  pasid: number,
  hwpt: HwptPaging,
): boolean {
  if (groups[group]?.pasids.some((each) => each.pasid === pasid) !== false) return false;
  return platform.devices.every((hardware, device) => {
    if (hardware.group !== group) return true;
    if (devices[device]?.resetting === true) return false;
    const pasids = pasidsOf(platform, hardware);
    return pasids === 0 || (pasid < pasids && (hardware.canwbs || !hwpt.domain.enforceCoherency));
  });
}

/** The device and the PASID of an attach that nothing in the documentation speaks against; null for every other step. */
function unobjectionable({ before, command }: Transition): { device: string; pasid: number } | null {
  if (command.command !== 'vfioAttach') return null;
  const { flags, argsz, pasid, ptId, unwritable, fd } = command.args;
  if (flags !== VFIO_DEVICE.ATTACH_PASID || argsz < VFIO_IOCTL_SIZES.ATTACH_WITH_PASID || unwritable)
    return null;
  const file = fileOf({ world: before }, command.actor, fd);
  if (file?.of.kind !== 'cdev' || file.of.bound === null || pasid <= 0) return null;
  const { device, bound } = file.of;
  const { id, group, iommu } = before.platform.devices[device] as DeviceHardware;
  const context = before.contexts[bound.ctx];
  const hwpt = context == null ? null : objectOf(context, ptId, 'hwptPaging');
  if (!serves(hwpt, iommu) || before.devices[device]?.pasids.includes(pasid) !== false) return null;
  return leavesRoom(before, group, iommu) && groupTakes(before, group, pasid, hwpt)
    ? { device: id, pasid }
    : null;
}

/** Whether a device of the group has no PASIDs. */
function isMixed({ platform }: World, id: string): boolean {
  const group = platform.devices.find((each) => each.id === id)?.group;
  return platform.devices.some((each) => each.group === group && pasidsOf(platform, each) === 0);
}

export const pasidAttachIsTaken: StepProperty = {
  id: 'pasid-attach-is-taken',
  sentence:
    'A free PASID that every device of the group has room for, or has no PASIDs at all, can be attached to a stage-1 HWPT that was allocated for PASIDs, unless what serves requests without PASID was not.',
  source:
    'linux/vfio.h: VFIO_DEVICE_ATTACH_PASID; rules R-38, R-40, R-41, R-45; iommu: Skip PASID validation for devices without PASID capability',
  kind: 'step',
  appliesTo: (platform) => attachesPasids(platform) && hasFreeVsmmus(platform),
  brokenBy: 'pasid-wanted-of-every-device',
  violated(transition) {
    const asked = unobjectionable(transition);
    const { result } = transition;
    return asked === null || result.ok
      ? null
      : `PASID ${asked.pasid} of ${asked.device} is refused with ${result.errno}, and nothing speaks against it`;
  },
  witness(transition) {
    const asked = unobjectionable(transition);
    return asked !== null && isMixed(transition.before, asked.device);
  },
};
