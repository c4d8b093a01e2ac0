import { IOCTLS, type IoctlName } from '../spec/iommufd/ioctls.ts';
import { VFIO_IOCTLS, type VfioIoctlName } from '../spec/vfio/ioctls.ts';
import { settlePins } from './accesses/account.ts';
import { exportBar } from './accesses/dmabuf.ts';
import { mdevAttachBegins, mediatedIoctl } from './accesses/mediated.ts';
import { mdevPin, mdevRw, mdevUnpin } from './accesses/use.ts';
import { closeFd, mmapBar, munmapBar, openCdev, openIommufd } from './files.ts';
import { rescanProbed } from './host/rescan.ts';
import { resetBegins, resetEnds } from './host/reset.ts';
import { callEnds, destroyBegins, vdeviceAllocBegins } from './in-flight.ts';
import { vfioUnmapDma } from './iommufd/compat-unmap.ts';
import { readable, readVeventq, smmuEvent } from './iommufd/eventq.ts';
import { iommufdIoctl } from './iommufd/ioctl.ts';
import { LEGACY_HANDLERS } from './legacy/handlers.ts';
import { MSI_CALLS } from './msi/calls.ts';
import { fireMsi } from './msi/fire.ts';
import { moveInterrupt } from './msi/move.ts';
import { readFaultQueue, writeFaultQueue } from './page-requests/queue.ts';
import { pageRequest } from './page-requests/report.ts';
import { PASID_HANDLERS } from './pasid/handlers.ts';
import type { Rules } from './rules.ts';
import { EMULATED_HANDLERS } from './smmu/emulated/handle.ts';
import { dma } from './smmu/machine/dma.ts';
import { guestWriteCd, guestWritePte } from './smmu/machine/guest.ts';
import {
  hostDelayEvents,
  hostDisable,
  hostInterrupt,
  hostProceed,
  hostReadEvents,
  hostReset,
  SETTLED,
} from './smmu/machine/host.ts';
import { settle } from './smmu/machine/settle.ts';
import { vfioIoctl } from './vfio/ioctl.ts';
import type { VmmArgs, VmmCommandName } from './vmm/command.ts';
import { iommuDriverInfo } from './vmm/driver-info.ts';
import { handle, isVmmCommand } from './vmm/handle.ts';
import type { SystemCommand } from './vmm/process.ts';
import { vtdDma } from './vtd/machine/dma.ts';
import { rescan } from './vtd/machine/rescan.ts';
import { settleVtd } from './vtd/machine/settle.ts';
import {
  type AnyIoctlName,
  COMMANDS,
  type Command,
  type CommandArgs,
  type CommandName,
} from './world/command.ts';
import { fileOf, installFile } from './world/files.ts';
import { done, type Effect, type Result, refused } from './world/result.ts';
import type { Tx } from './world/tx.ts';
import type { World } from './world/world.ts';

/** What one command did. */
export interface Step {
  /** The world it leaves: the very same one (`===`) where it was refused and changed nothing. */
  readonly world: World;
  readonly result: Result;
  readonly effects: readonly Effect[];
}

/**
 * The exceptions to "a refused command leaves the world identical", as the real interface has them, each with its
 * reason. Deviations and defects may make others: those are theirs, and named after them.
 */
export const KEEPS_PROGRESS: ReadonlyMap<CommandName, string> = new Map([
  ['ioasUnmap', 'what it took away before it met an area that it may not split stays away'],
  ['vfioUnmapDma', 'as IOAS_UNMAP'],
  ['hwptInvalidate', 'what came before a bad command is issued, which is an effect on the pSMMU'],
  [
    'callEnds',
    "a call of another thread is over once it has returned, and its file loses that call's reference",
  ],
]);

/** Who may give each command, by first letters: no two kinds of actors have the same. */
const MAY = Object.fromEntries(
  Object.entries(COMMANDS).map(([name, { by }]) => [name, by.map((kind) => kind.charAt(0)).join('')]),
) as Readonly<Record<CommandName, string>>;

/** Who is no device has none that could do it: ENODEV. For all else that one may not do: EPERM. */
const DEVICE = 'd';

const NO_EFFECTS: readonly Effect[] = Object.freeze([]);

/** One command in one world. Total: every command has an answer in every world; none throws. */
export function step(world: World, command: Command, rules: Rules): Step {
  const may = MAY[command.command];
  if (!may.includes(command.actor.charAt(0)))
    return { world, result: refused(may === DEVICE ? 'ENODEV' : 'EPERM'), effects: NO_EFFECTS };
  const tx: Tx = { world, rules, effects: [], undone: [], keep: false };
  const result = isVmmCommand(command.command)
    ? handle(tx, command.command, command.args as VmmArgs[VmmCommandName] & never, command.actor, dispatch)
    : dispatch(tx, command as SystemCommand);
  if (!result.ok && !tx.keep) {
    return { world, result, effects: tx.undone.length === 0 ? NO_EFFECTS : tx.undone };
  }
  const settles = world.machine !== null && !SETTLED.has(command.command);
  if (settles && (tx.world !== world || tx.effects.length > 0)) settle(world, tx);
  if (world.vtd !== null && (tx.world !== world || tx.effects.length > 0)) settleVtd(world, tx);
  if (world.pins !== null && tx.world !== world) settlePins(world, tx);
  const undone = result.ok ? NO_EFFECTS : tx.undone;
  return { world: tx.world, result, effects: undone.length === 0 ? tx.effects : [...tx.effects, ...undone] };
}

type OtherName = Exclude<CommandName, AnyIoctlName | VmmCommandName>;

type Handler<N extends OtherName> = (tx: Tx, args: CommandArgs[N], actor: string) => Result;

const OTHERS: { readonly [N in OtherName]: Handler<N> } = {
  openIommufd: (tx, _args, actor) => openIommufd(tx, actor),
  openCdev: (tx, args, actor) => openCdev(tx, args.device, actor),
  openOther: (tx, _args, actor) => done({ fd: installFile(tx, actor, { kind: 'other' }) }),
  close: (tx, args, actor) => closeFd(tx, args.fd, actor),
  read: (tx, args, actor) => {
    const file = fileOf(tx, actor, args.fd);
    switch (file?.of.kind) {
      case undefined:
        return refused('EBADF');
      case 'veventq':
        return readVeventq(tx, file.of.ctx, file.of.id, args);
      case 'fault':
        return readFaultQueue(tx, file.of.ctx, file.of.id, args);
      default:
        return refused('EINVAL');
    }
  },
  destroyBegins,
  vdeviceAllocBegins,
  callEnds: (tx, _args, actor) => callEnds(tx, actor),
  poll: (tx, args, actor) => {
    const file = fileOf(tx, actor, args.fd);
    if (file?.of.kind !== 'veventq' && file?.of.kind !== 'fault') return done({ revents: 0 });
    return done({ revents: readable(tx, file.of) ? POLLIN : 0 });
  },
  write: (tx, args, actor) => {
    const file = fileOf(tx, actor, args.fd);
    if (file === null) return refused('EBADF');
    if (file.of.kind !== 'fault') return refused('EINVAL');
    return writeFaultQueue(tx, file.of.ctx, file.of.id, args);
  },
  mmapBar: (tx, args, actor) => mmapBar(tx, args.fd, args.va, actor),
  munmapBar: (tx, args, actor) => munmapBar(tx, args.va, actor),
  smmuEvent: (tx, args, actor) => {
    const device = tx.world.platform.devices.findIndex((d) => actor === `device:${d.id}`);
    return device < 0 ? refused('ENODEV') : smmuEvent(tx, device, args.words ?? []);
  },
  iommuDriverInfo: (tx, args, actor) => {
    const file = fileOf(tx, actor, args.fd);
    if (file === null) return refused('EBADF');
    return file.of.kind === 'iommufd' ? iommuDriverInfo(tx, args) : refused('ENOTTY');
  },
  ...MSI_CALLS,
  fireMsi,
  moveInterrupt,
  pageRequest,
  guestWriteCd,
  guestWritePte,
  dma: (tx, args, actor) => (tx.world.vtd === null ? dma(tx, args, actor) : vtdDma(tx, args, actor)),
  rescan: (tx, _args, actor) => (tx.world.vtd === null ? rescanProbed(tx, actor) : rescan(tx, actor)),
  resetBegins: (tx, _args, actor) => resetBegins(tx, actor),
  resetEnds: (tx, _args, actor) => resetEnds(tx, actor),
  ...PASID_HANDLERS,
  ...EMULATED_HANDLERS,
  ...LEGACY_HANDLERS,
  mdevPin,
  mdevUnpin,
  mdevRw,
  mdevAttachBegins,
  exportBar,
  hostInterrupt,
  hostProceed,
  hostDisable,
  hostReset,
  hostDelayEvents,
  hostReadEvents,
};

const POLLIN = 1;

/** Every call into the kernel, and what devices do. */
function dispatch(tx: Tx, { command, args, actor }: SystemCommand): Result {
  if (command in OTHERS) {
    const handler = OTHERS[command as OtherName] as Handler<OtherName>;
    return handler(tx, args as CommandArgs[OtherName] & never, actor);
  }
  const file = fileOf(tx, actor, (args as { fd: number }).fd);
  switch (file?.of.kind) {
    case undefined:
      return refused('EBADF');
    case 'iommufd':
      if (command === 'vfioUnmapDma') return vfioUnmapDma(tx, file.of.ctx, args);
      if (!Object.hasOwn(IOCTLS, command)) return refused('ENOTTY');
      return iommufdIoctl(
        tx,
        file.of.ctx,
        command as IoctlName,
        args as CommandArgs[IoctlName] & never,
        actor,
      );
    case 'cdev':
      if (!Object.hasOwn(VFIO_IOCTLS, command)) return refused(file.of.bound === null ? 'EINVAL' : 'ENOTTY');
      return vfioIoctl(
        tx,
        file.index,
        file.of.device,
        command as VfioIoctlName,
        args as CommandArgs[VfioIoctlName] & never,
        actor,
      );
    case 'mdev':
      if (!Object.hasOwn(VFIO_IOCTLS, command)) return refused(file.of.bound === null ? 'EINVAL' : 'ENOTTY');
      return mediatedIoctl(
        tx,
        file.index,
        file.of,
        command as VfioIoctlName,
        args as CommandArgs[VfioIoctlName] & never,
        actor,
      );
    default:
      return refused('ENOTTY');
  }
}
