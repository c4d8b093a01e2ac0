import type { CommandArgs } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { VFIO_DEVICE, VFIO_DEVICE_FLAGS, VFIO_PCI } from '../../spec/vfio/constants.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import { objectOf } from '../look.ts';
import { smmuPasidBits } from '../platforms.ts';
import type { At } from './at.ts';

/** Bytes of the structs of linux/vfio.h with their members for PASIDs. */
const WITH_PASID = { ATTACH: 16, DETACH: 12 } as const;

/** PASIDs of a device are kept in an IDA, whose numbers have 31 bits. */
const IDA_LIMIT = 2 ** 31;

/** VFIO_DEVICE_BIND_IOMMUFD (rules ). What the driver of an IOMMU says against a device, nobody says here. */
export function vfioBind(
  { world, actor, device, hardware, state, bound }: At,
  args: CommandArgs['vfioBind'],
): Answer {
  if (args.iommufd < 0 || (args.flags & ~VFIO_DEVICE.BIND_FLAG_TOKEN) !== 0) return refusal('EINVAL');
  const isGroupOpen = world.files.some(
    (file) => file?.of.kind === 'group' && file.of.group === hardware.group,
  );
  if (isGroupOpen) return refusal('EBUSY');
  if (bound !== null) return refusal('EINVAL');
  // A token is for virtual functions, and is read before anybody sees that it is not wanted.
  if (args.flags !== 0) return { errno: 'EINVAL', or: 'EFAULT' };
  const { of } = fileOf({ world }, actor, args.iommufd) ?? {};
  if (of?.kind !== 'iommufd') return refusal(of === undefined ? 'EBADF' : 'EBADFD');
  if (state.opened) return refusal('EINVAL');
  const owner = world.groups[hardware.group]?.owner ?? null;
  const its = world.platform.its[hardware.its];
  const isUnsafe = its?.unisolated === true && world.platform.kernel.allowUnsafeInterrupts !== true;
  if (isUnsafe || (owner !== null && owner !== of.ctx)) return { errno: 'EPERM', or: 'EINVAL' };
  return hardware.mock === undefined && isCoherent(world.platform.iommus[hardware.iommu])
    ? {
        errno: null,
        wrongIn(after) {
          const id = after.result.out.outDevid;
          const context = after.world.contexts[of.ctx] ?? null;
          const made = context === null || typeof id !== 'number' ? null : objectOf(context, id, 'device');
          const group = after.world.groups[hardware.group];
          return made?.device === device &&
            after.world.devices[device]?.opened === true &&
            group?.owner === of.ctx
            ? null
            : `BIND gives ${id}, which is not device ${device} in its context`;
        },
      }
    : null;
}

/** IDR0.COHACC of an SMMUv3: its walks see what caches have (IHI0070 6.3.1); nothing is asked of other IOMMUs. */
function isCoherent(iommu: { readonly kind: string; readonly idr: readonly number[] } | undefined): boolean {
  const COHACC = 1 << 4;
  return iommu?.kind !== 'smmuv3' || ((iommu.idr[0] ?? 0) & COHACC) !== 0;
}

export function vfioGetInfo({ hardware }: At): Answer {
  const { PCI, RESET } = VFIO_DEVICE_FLAGS;
  const flags = PCI | (hardware.vfioResets === false ? 0 : RESET);
  return { errno: null, out: { flags, numRegions: VFIO_PCI.NUM_REGIONS, numIrqs: VFIO_PCI.NUM_IRQS } };
}

/** VFIO_DEVICE_RESET: what others have of its registers is taken back (vfio_pci_dma_buf_move()). */
export function vfioReset({ hardware, device }: At): Answer {
  if (hardware.vfioResets === false) return refusal('EINVAL');
  return {
    errno: null,
    wrongIn: ({ world }) =>
      world.pins?.dmabufs.some((each) => each?.device === device && each.bytes === undefined && !each.revoked)
        ? `registers of device ${device} are still given away after its reset`
        : null,
  };
}

/** A PASID that a member of the group has no room for (rule R-41); members without PASIDs do not count. */
function isBeyond({ world, hardware }: At, pasid: number): boolean {
  return world.platform.devices.some((each) => {
    const bits = each.group === hardware.group ? smmuPasidBits(world.platform, each) : null;
    return bits !== null && bits > 0 && pasid >= 2 ** bits;
  });
}

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT: what speaks against its struct, and against what it names (rule R-37). */
export function vfioAttach(at: At, args: CommandArgs['vfioAttach']): Answer {
  const { world, bound } = at;
  const byPasid = args.flags === VFIO_DEVICE.ATTACH_PASID;
  if (args.flags !== 0 && !byPasid) return refusal('EINVAL');
  if (byPasid && args.argsz < WITH_PASID.ATTACH) return refusal('EINVAL');
  if (byPasid && args.pasid >= IDA_LIMIT) return refusal('ENOSPC');
  const pt = world.contexts[bound?.ctx ?? -1]?.objects[args.ptId] ?? null;
  if (byPasid) return isBeyond(at, args.pasid) ? { errno: 'EINVAL', mayBeRefused: true } : null;
  if (pt === null || pt.type === 'tombstone') return refusal('ENOENT');
  return pt.type === 'ioas' || pt.type === 'hwptPaging' || pt.type === 'hwptNested'
    ? null
    : refusal('EINVAL');
}

/** VFIO_DEVICE_DETACH_IOMMUFD_PT: done, also where nothing is attached. */
export function vfioDetach({ device }: At, args: CommandArgs['vfioDetach']): Answer {
  const byPasid = args.flags === VFIO_DEVICE.DETACH_PASID;
  if (args.flags !== 0 && !byPasid) return refusal('EINVAL');
  if (byPasid && args.argsz < WITH_PASID.DETACH) return refusal('EINVAL');
  return {
    errno: null,
    wrongIn: ({ world }) =>
      byPasid && world.devices[device]?.pasids.includes(args.pasid) === true
        ? `PASID ${args.pasid} of device ${device} is attached after DETACH`
        : null,
  };
}
