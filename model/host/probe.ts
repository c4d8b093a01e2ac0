import type { DeviceHardware, Platform } from '../platform/platform.ts';
import type { DirectMapping, Probed, StreamOwner } from './machine.ts';
import { type HostRules, hostIntended } from './rules.ts';

const NONE: Probed = Object.freeze({ streams: [], direct: [], cdTables: [], refused: [] });

/** An SMMU all of whose devices were found as the host came up. */
export function bootProbed({ devices }: Platform, smmu: number): Probed {
  return devices.reduce(
    (probed, hardware, device) =>
      hardware.iommu === smmu ? findDevice(probed, device, hardware, hostIntended) : probed,
    NONE,
  );
}

/** arm_smmu_release_device(): what was there for the device alone goes with it. */
export function releaseDevice(
  probed: Probed,
  device: number,
  { devices }: Platform,
  rules: HostRules,
): Probed {
  const { group, iommu } = devices[device] as DeviceHardware;
  const isThere = (other: number): boolean => other !== device && !probed.refused.includes(other);
  const groupStays = devices.some((each, at) => each.group === group && each.iommu === iommu && isThere(at));
  return {
    streams: probed.streams.filter((each) => each.device !== device),
    // The default domain is the group's.
    direct: groupStays ? probed.direct : probed.direct.filter((each) => each.group !== group),
    cdTables: rules.cdTableGoesWithDevice
      ? probed.cdTables.filter((each) => each !== device)
      : probed.cdTables,
    refused: probed.refused.filter((each) => each !== device),
  };
}

/** arm_smmu_probe_device(), and the group's default domain for it; where any of it fails the device is without an IOMMU. */
export function findDevice(
  probed: Probed,
  device: number,
  hardware: DeviceHardware,
  rules: HostRules,
): Probed {
  const streams = withStreams(probed.streams, device, hardware, rules);
  const direct = withRegions(probed.direct, hardware, rules);
  if (streams === null || direct === null)
    return { ...probed, refused: [...probed.refused, device].sort((a, b) => a - b) };
  const cdTables = [...probed.cdTables, device].sort((a, b) => a - b);
  return { streams, direct, cdTables, refused: probed.refused };
}

/** arm_smmu_insert_master(): a StreamID leads to one device. Behind a PCI bridge one can have the same twice. */
function withStreams(
  streams: readonly StreamOwner[],
  device: number,
  { streamIds }: DeviceHardware,
  rules: HostRules,
): readonly StreamOwner[] | null {
  const next = [...streams];
  for (const sid of streamIds) {
    const owner = next.find((each) => each.sid === sid);
    if (owner === undefined) next.push({ sid, device });
    else if (owner.device !== device || !rules.repeatedStreamIsSkipped) return null;
  }
  return next.sort((a, b) => a.sid - b.sid);
}

/** iommu_create_device_direct_mappings(): what another device of the group brought is mapped already. */
function withRegions(
  direct: readonly DirectMapping[],
  { group, firmwareRegions = [] }: DeviceHardware,
  rules: HostRules,
): readonly DirectMapping[] | null {
  const next = [...direct];
  for (const { start } of firmwareRegions) {
    if (!next.some((each) => each.group === group && each.start === start)) next.push({ group, start });
    // To map what is mapped is EEXIST.
    else if (!rules.mappingIsSeen(start)) return null;
  }
  return next.sort((a, b) => a.group - b.group || (a.start < b.start ? -1 : 1));
}
