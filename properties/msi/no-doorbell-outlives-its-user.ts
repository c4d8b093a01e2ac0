import type { World } from '../../model/world/world.ts';
import { firstGroupVector } from '../legacy/vectors.ts';
import type { StateProperty } from '../property.ts';
import { hasGroupVectors, hasVectorUsers } from './platforms.ts';

/** What the kernel still knows of the vectors of a device whose file nobody has. */
function leftOf(world: World): string | null {
  for (const [device, { opened, messages, told }] of world.devices.entries()) {
    if (opened || (messages.length === 0 && told === null)) continue;
    return `nobody has ${world.platform.devices[device]?.id}, but its vectors are programmed`;
  }
  return null;
}

/** The same of a device of the old groups, which no driver of the host has either. */
function leftInGroup(world: World): string | null {
  return firstGroupVector(world, ({ legacy, group, device }) => {
    const { devices = [], hostDrivers = [] } = legacy.machine.groups[group] ?? {};
    if (devices.includes(device) || hostDrivers.includes(device)) return null;
    return `nobody has ${device}, but its vectors are programmed`;
  });
}

/** A context that a machine left behind with its last device. */
function contextLeft(world: World): string | null {
  const free = world.platform.vms.length > world.vms.length;
  const inUse = world.vms.some(({ vsmmus }) => vsmmus.some(({ devices }) => devices.length > 0));
  if (free || inUse) return null;
  const left = world.contexts.find((context) => (context?.msiMaps.length ?? 0) > 0) ?? null;
  const mapped = Object.values(world.processes).some(({ itsMappings }) => itsMappings.length > 0);
  return left === null && !mapped ? null : 'no machine has a device, but doorbells are kept';
}

export const noDoorbellOutlivesItsUser: StateProperty = {
  id: 'no-doorbell-outlives-its-user',
  sentence:
    "The kernel frees what it keeps of a device's vectors when the device's file is closed, and of doorbells with the last device of a VM.",
  source:
    'seed 004, Robin Murphy: "get away from cookies and having to keep track of things in the kernel"; iommufd_fops_release()',
  kind: 'state',
  appliesTo: (platform) => hasVectorUsers(platform) || hasGroupVectors(platform),
  brokenBy: 'vectors-outlive-file',
  violated: (world) => leftOf(world) ?? contextLeft(world) ?? leftInGroup(world),
  witness: (world) =>
    world.devices.some(({ messages }) => messages.length > 0) || firstGroupVector(world, () => true) === true,
};
