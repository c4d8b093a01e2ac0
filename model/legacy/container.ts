import { VFIO_EXTENSION } from '../../spec/vfio/container.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Rules } from '../world/rules.ts';
import type { Tx } from '../world/tx.ts';
import { type Legacy, legacyOf, putContainer } from './access.ts';
import type { LegacyArgs } from './command.ts';
import { type Container, type ContainerType, iommuOf } from './machine.ts';
import { attachGroup } from './type1.ts';

const EMPTY: Container = Object.freeze({ opened: true, groups: [], type: null, mappings: [], domains: [] });

const { TYPE1, TYPE1V2, TYPE1_NESTING, DMA_CC, UNMAP_ALL, UPDATE_VADDR } = VFIO_EXTENSION;

/** What vfio_iommu_type1_open() makes of a type. */
const TYPES: ReadonlyMap<number, ContainerType> = new Map([
  [TYPE1, 'type1'],
  [TYPE1V2, 'type1v2'],
  [TYPE1_NESTING, 'nesting'],
]);

/** open("/dev/vfio/vfio"). */
export function containerOpen(tx: Tx): Result {
  const legacy = legacyOf(tx);
  if (legacy === null) return refused('ENODEV');
  const { containers } = legacy.machine;
  const free = containers.indexOf(null);
  const index = free < 0 ? containers.length : free;
  if (index >= legacy.platform.containers) return refused('ENOMEM');
  putContainer(tx, index, EMPTY);
  return done({ container: index });
}

/** The file goes; groups in it keep the container. */
export function containerClose(tx: Tx, { container: index }: LegacyArgs['containerClose']): Result {
  const container = openContainer(legacyOf(tx), index);
  if (container === null) return refused('EBADF');
  putContainer(tx, index, container.groups.length === 0 ? null : { ...container, opened: false });
  return done();
}

/** The container behind an open file. */
export function openContainer(legacy: Legacy | null, index: number): Container | null {
  const container = legacy?.machine.containers[index] ?? null;
  return container?.opened === true ? container : null;
}

/** vfio_ioctl_check_extension(): no error, but 0 for what is not there. Documented (linux/vfio.h: "0 if not supported"). */
export function containerCheckExtension(
  tx: Tx,
  { container: index, extension }: LegacyArgs['containerCheckExtension'],
): Result {
  const legacy = legacyOf(tx);
  const container = openContainer(legacy, index);
  if (legacy === null || container === null) return refused('EBADF');
  return done({ supported: supports(legacy, container, extension, tx.rules) ? 1 : 0 });
}

/**
 * vfio_iommu_type1_check_extension(). Coherency is a question about the domains, and user addresses one about who is in the
 * container, so that nobody knows before SET_IOMMU.
 */
function supports(
  { platform }: Legacy,
  { type, domains }: Container,
  extension: number,
  rules: Rules,
): boolean {
  switch (extension) {
    case TYPE1:
    case TYPE1V2:
    case UNMAP_ALL:
      return true;
    case TYPE1_NESTING:
      return rules.legacy.containersNest;
    case UPDATE_VADDR:
      return type !== null;
    case DMA_CC:
      return type !== null && domains.every(({ iommu }) => iommuOf(platform, iommu).enforcesCoherency);
    default:
      return false;
  }
}

/**
 * vfio_ioctl_set_iommu(): once, and only with a group in the container, since groups are what a user needs a privilege for. An
 * extension that is no type of IOMMU is found by the driver's open (EINVAL), anything else by nobody (ENODEV). Documented
 * (linux/vfio.h): "A group must be set to this file descriptor before this ioctl is available". The errnos are the driver's.
 */
export function containerSetIommu(
  tx: Tx,
  { container: index, type: wanted }: LegacyArgs['containerSetIommu'],
): Result {
  const legacy = legacyOf(tx);
  const container = openContainer(legacy, index);
  if (legacy === null || container === null) return refused('EBADF');
  if (container.groups.length === 0 || container.type !== null) return refused('EINVAL');
  const asked = { ...container, type: null };
  if (!supports(legacy, asked, wanted, tx.rules)) return refused('ENODEV');
  const type = TYPES.get(wanted);
  if (type === undefined) return refused('EINVAL');
  let next: Container = { ...container, type };
  for (const group of container.groups) {
    const attached = attachGroup(legacy, next, type, group, tx.rules);
    if (typeof attached === 'string') return refused(attached);
    next = attached;
  }
  putContainer(tx, index, next);
  return done();
}
