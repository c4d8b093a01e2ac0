import type { LegacyGroup } from '../../../model/legacy/machine.ts';
import type { CommandArgs } from '../../../model/world/command.ts';
import { type Answer, refusal } from '../../answers/answer.ts';
import { type At, cannotAttach, openContainer, openGroup } from './at.ts';

type OfDevice = CommandArgs['groupGetDevice'];

/** What is to be so of a group behind a call; what is left out may be as it likes. */
interface Expected {
  readonly opened?: boolean;
  readonly container?: number | null;
  readonly devices?: readonly string[];
  readonly hostDrivers?: readonly string[];
}

/** Done, and the group is then so. */
function then(group: number, expected: Expected): Answer {
  return {
    errno: null,
    wrongIn({ world, command }) {
      const now = world.legacy?.groups[group];
      const wrong = (Object.keys(expected) as (keyof Expected)[]).find(
        (field) => String(now?.[field]) !== String(expected[field]),
      );
      if (wrong === undefined) return null;
      return `after ${command.command}, ${wrong} of group ${group} is ${now?.[wrong]}, and is to be ${expected[wrong]}`;
    },
  };
}

function without(list: readonly string[], device: string): readonly string[] {
  const at = list.indexOf(device);
  return list.filter((_, index) => index !== at);
}

function groupOpen({ machine }: At, { group }: CommandArgs['groupOpen']): Answer {
  const state = machine.groups[group];
  if (state === undefined) return refusal('ENODEV');
  return state.opened || state.devices.length > 0 ? refusal('EBUSY') : then(group, { opened: true });
}

function groupClose(at: At, { group }: CommandArgs['groupClose']): Answer {
  const state = openGroup(at, group);
  if (state === null) return refusal('EBADF');
  const container = state.devices.length === 0 ? null : state.container;
  return then(group, { opened: false, container });
}

/** VFIO_GROUP_SET_CONTAINER: all of a group goes to one user, into one container. */
function groupSetContainer(at: At, { group, container: index }: CommandArgs['groupSetContainer']): Answer {
  const state = openGroup(at, group);
  const container = openContainer(at, index);
  if (state === null || container === null) return refusal('EBADF');
  if (state.container !== null) return refusal('EINVAL');
  if (state.hostDrivers.length > 0) return refusal('EPERM');
  const errno = container.type === null ? null : cannotAttach(at, container, group);
  return errno === null ? then(group, { container: index }) : refusal(errno);
}

function groupUnsetContainer(at: At, { group }: CommandArgs['groupUnsetContainer']): Answer {
  const state = openGroup(at, group);
  if (state === null) return refusal('EBADF');
  if (state.container === null) return refusal('EINVAL');
  return state.devices.length > 0 ? refusal('EBUSY') : leaves(group, state.container);
}

/** Done; a container that has no group any more has forgotten its IOMMU and what was mapped. */
function leaves(group: number, container: number): Answer {
  const left = then(group, { container: null });
  return {
    errno: null,
    wrongIn(transition) {
      const { groups, type, mappings, domains } = transition.world.legacy?.containers[container] ?? {};
      const keeps = type != null || (mappings ?? []).length > 0 || (domains ?? []).length > 0;
      return groups?.length === 0 && keeps
        ? `container ${container} has no group any more, and keeps what it had`
        : (left?.wrongIn?.(transition) ?? null);
    },
  };
}

/** VFIO_GROUP_GET_DEVICE_FD: of a device that VFIO has, in a container with an IOMMU. */
function groupGetDevice(at: At, { group, device }: OfDevice): Answer {
  const state = openGroup(at, group);
  if (state === null) return refusal('EBADF');
  if (!has(at, group, device) || state.hostDrivers.includes(device)) return refusal('ENODEV');
  const container = state.container === null ? null : at.machine.containers[state.container];
  if (container?.type == null) return refusal('EINVAL');
  return then(group, { devices: [...state.devices, device].toSorted() });
}

function has({ platform }: At, group: number, device: string): boolean {
  return platform.groups[group]?.devices.includes(device) === true;
}

function groupCloseDevice({ machine }: At, { group, device }: OfDevice): Answer {
  const state = machine.groups[group];
  if (state?.devices.includes(device) !== true) return refusal('EBADF');
  const devices = without(state.devices, device);
  const container = state.opened || devices.length > 0 ? state.container : null;
  return then(group, { devices, container });
}

/** A driver of the host takes a device that no user has, of a group that none owns. */
function hostDriverBind(at: At, { group, device }: OfDevice): Answer {
  const state = at.machine.groups[group];
  if (state === undefined || !has(at, group, device)) return refusal('ENODEV');
  if (isTaken(state, device)) return refusal('EBUSY');
  return then(group, { hostDrivers: [...state.hostDrivers, device].toSorted() });
}

function isTaken({ hostDrivers, devices, container }: LegacyGroup, device: string): boolean {
  return container !== null || hostDrivers.includes(device) || devices.includes(device);
}

function hostDriverUnbind({ machine }: At, { group, device }: OfDevice): Answer {
  const state = machine.groups[group];
  if (state?.hostDrivers.includes(device) !== true) return refusal('ENODEV');
  return then(group, { hostDrivers: without(state.hostDrivers, device) });
}

/** VFIO_DEVICE_SET_IRQS of MSIs: so many from the first on, all at once. Where a thread is at it, or a doorbell may have no room, nobody says. */
function groupSetIrqs(
  { machine, platform }: At,
  { group, device, count }: CommandArgs['groupSetIrqs'],
): Answer {
  const state = machine.groups[group];
  if (state?.devices.includes(device) !== true) return refusal('EBADF');
  if (count > (platform.groups[group]?.msiVectors ?? 0)) return refusal('EINVAL');
  if (machine.threads.length > 0) return null;
  const on = vectorsOn(state, device);
  if (count === 0) return on === 0 ? refusal('EINVAL') : thenOn(group, device, 0);
  if (on > 0) return count > on ? refusal('EINVAL') : thenOn(group, device, on);
  return null;
}

/** What a driver of the host asks of pci_alloc_irq_vectors(). */
function hostDriverSetIrqs({ machine, platform }: At, args: CommandArgs['hostDriverSetIrqs']): Answer {
  const { group, device, count } = args;
  const state = machine.groups[group];
  if (state?.hostDrivers.includes(device) !== true) return refusal('ENODEV');
  if (count === 0) return thenOn(group, device, 0);
  if (vectorsOn(state, device) > 0) return refusal('EINVAL');
  if (count > (platform.groups[group]?.msiVectors ?? 0)) return refusal('ENOSPC');
  return machine.threads.length > 0 ? null : thenOn(group, device, count);
}

function vectorsOn({ vectors }: LegacyGroup, device: string): number {
  return vectors.find((each) => each.device === device)?.messages.length ?? 0;
}

function thenOn(group: number, device: string, expected: number): Answer {
  return {
    errno: null,
    wrongIn({ world }) {
      const now = world.legacy?.groups[group];
      const on = now === undefined ? 0 : vectorsOn(now, device);
      return on === expected ? null : `${on} vectors of ${device} are on, and are to be ${expected}`;
    },
  };
}

export const GROUP_ANSWERS = {
  groupClose,
  groupCloseDevice,
  groupGetDevice,
  groupOpen,
  groupSetContainer,
  groupSetIrqs,
  groupUnsetContainer,
  hostDriverBind,
  hostDriverSetIrqs,
  hostDriverUnbind,
} as const;
