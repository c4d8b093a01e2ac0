import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { type Legacy, legacyOf, putContainer, putLegacyGroup } from './access.ts';
import type { LegacyArgs } from './command.ts';
import type { Container, LegacyGroup } from './machine.ts';
import { ascending, attachGroup, detachGroup } from './type1.ts';
import { dropVectors } from './vectors.ts';

interface Found {
  readonly legacy: Legacy;
  readonly state: LegacyGroup;
  readonly devices: readonly string[];
}

function find(tx: Tx, group: number): Found | null {
  const legacy = legacyOf(tx);
  const state = legacy?.machine.groups[group];
  const hardware = legacy?.platform.groups[group];
  if (legacy === null || state === undefined || hardware === undefined) return null;
  return { legacy, state, devices: hardware.devices };
}

/** A group can be opened once; EBUSY is what vfio_group_fops_open() says. Descriptors of its devices keep its file. */
export function groupOpen(tx: Tx, { group }: LegacyArgs['groupOpen']): Result {
  const found = find(tx, group);
  if (found === null) return refused('ENODEV');
  const { state } = found;
  if (state.opened || state.devices.length > 0) return refused('EBUSY');
  putLegacyGroup(tx, group, { ...state, opened: true });
  return done();
}

export function groupClose(tx: Tx, { group }: LegacyArgs['groupClose']): Result {
  const state = find(tx, group)?.state;
  if (state === undefined || !state.opened) return refused('EBADF');
  putLegacyGroup(tx, group, { ...state, opened: false });
  if (state.devices.length === 0) leaveContainer(tx, group);
  return done();
}

/**
 * vfio_group_ioctl_set_container(): DMA of the whole group is claimed for its user first (EPERM as from
 * iommu_group_claim_dma_owner()). Documented (linux/vfio.h): "Groups may only belong to a single container".
 */
export function groupSetContainer(
  tx: Tx,
  { group, container: index }: LegacyArgs['groupSetContainer'],
): Result {
  const found = find(tx, group);
  if (found === null || !found.state.opened) return refused('EBADF');
  const { legacy, state } = found;
  const container = legacy.machine.containers[index] ?? null;
  if (container?.opened !== true) return refused('EBADF');
  if (state.container !== null) return refused('EINVAL');
  // iommu_group_claim_dma_owner()
  if (state.hostDrivers.length > 0 && tx.rules.legacy.groupMustBeViable) return refused('EPERM');
  let next: Container = container;
  if (container.type !== null) {
    const attached = attachGroup(legacy, container, container.type, group, tx.rules);
    if (typeof attached === 'string') return refused(attached);
    next = attached;
  }
  putContainer(tx, index, { ...next, groups: ascending([...container.groups, group]) });
  putLegacyGroup(tx, group, { ...state, container: index });
  return done();
}

/**
 * vfio_group_ioctl_unset_container(). Documented (linux/vfio.h): "All device file descriptors must be released prior to
 * calling this interface"; that it is EBUSY otherwise is the driver's.
 */
export function groupUnsetContainer(tx: Tx, { group }: LegacyArgs['groupUnsetContainer']): Result {
  const state = find(tx, group)?.state;
  if (state === undefined || !state.opened) return refused('EBADF');
  if (state.container === null) return refused('EINVAL');
  if (state.devices.length > 0) return refused('EBUSY');
  leaveContainer(tx, group);
  return done();
}

/** With its last group a container forgets its IOMMU, and goes if nobody has it open. */
function leaveContainer(tx: Tx, group: number): void {
  const found = find(tx, group);
  const index = found?.state.container ?? null;
  if (found === null || index === null) return;
  const container = found.legacy.machine.containers[index] as Container;
  const groups = container.groups.filter((each) => each !== group);
  const left = { ...detachGroup(container, group), groups };
  const type = groups.length === 0 ? null : left.type;
  putContainer(tx, index, groups.length === 0 && !left.opened ? null : { ...left, type });
  putLegacyGroup(tx, group, { ...found.state, container: null });
}

/**
 * vfio_group_ioctl_get_device_fd(): the group must be in a container that has an IOMMU. Documented (linux/vfio.h): "The group
 * containing the device must already be added to this context"; EINVAL and ENODEV are the driver's.
 */
export function groupGetDevice(tx: Tx, { group, device }: LegacyArgs['groupGetDevice']): Result {
  const found = find(tx, group);
  if (found === null || !found.state.opened) return refused('EBADF');
  const { legacy, state, devices } = found;
  // Only what VFIO's own driver has is among its devices.
  if (!devices.includes(device) || state.hostDrivers.includes(device)) return refused('ENODEV');
  if ((legacy.machine.containers[state.container ?? -1]?.type ?? null) === null) return refused('EINVAL');
  putLegacyGroup(tx, group, { ...state, devices: [...state.devices, device].sort() });
  return done();
}

export function groupCloseDevice(tx: Tx, { group, device }: LegacyArgs['groupCloseDevice']): Result {
  const state = find(tx, group)?.state;
  if (state === undefined || !state.devices.includes(device)) return refused('EBADF');
  const devices = state.devices.toSpliced(state.devices.indexOf(device), 1);
  putLegacyGroup(tx, group, { ...state, devices });
  if (!devices.includes(device)) dropVectors(tx, group, device);
  if (!state.opened && devices.length === 0) leaveContainer(tx, group);
  return done();
}

/** A driver of the host probes a device: not where a user owns the group's DMA, nor while VFIO has the device open. */
export function hostDriverBind(tx: Tx, { group, device }: LegacyArgs['hostDriverBind']): Result {
  const found = find(tx, group);
  if (found?.devices.includes(device) !== true) return refused('ENODEV');
  const { state } = found;
  if (state.hostDrivers.includes(device) || state.devices.includes(device)) return refused('EBUSY');
  if (state.container !== null) return refused('EBUSY');
  putLegacyGroup(tx, group, { ...state, hostDrivers: [...state.hostDrivers, device].sort() });
  return done();
}

export function hostDriverUnbind(tx: Tx, { group, device }: LegacyArgs['hostDriverUnbind']): Result {
  const state = find(tx, group)?.state;
  if (state?.hostDrivers.includes(device) !== true) return refused('ENODEV');
  const hostDrivers = state.hostDrivers.filter((each) => each !== device);
  putLegacyGroup(tx, group, { ...state, hostDrivers });
  dropVectors(tx, group, device);
  return done();
}
