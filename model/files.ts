import { isActor } from '../spec/command/actor.ts';
import { ACCESS_FILES } from './accesses/index.ts';
import { isTaken } from './host/rescan.ts';
import { EMPTY_CONTEXT } from './iommufd/context.ts';
import { IOMMUFD_FILES } from './iommufd/index.ts';
import { leaveMemory, noteOwners } from './iommufd/owners.ts';
import { MOCK_FILES } from './mock/index.ts';
import { PAGE_REQUEST_FILES } from './page-requests/index.ts';
import { VFIO_FILES } from './vfio/index.ts';
import type { AnyIoctlName, CommandArgs } from './world/command.ts';
import { copyProcess, copyWorld, withFileRefs } from './world/copy.ts';
import { fileOf, forgetFd, holdFile, installFd, installFile } from './world/files.ts';
import type { FileOperations, Files, Handlers } from './world/machine.ts';
import { sharesFiles } from './world/memory/changes.ts';
import { FIRST_FD, type OpenFile, processOf } from './world/process.ts';
import { done, type Result, refused } from './world/result.ts';
import { putContext, putFile, putProcess, type Tx } from './world/tx.ts';
import type { World } from './world/world.ts';

/** The operations of every kind of file. */
const FILES: Files<OpenFile['kind']> = {
  ...IOMMUFD_FILES,
  ...PAGE_REQUEST_FILES,
  ...VFIO_FILES,
  ...ACCESS_FILES,
  ...MOCK_FILES,
  // Memory, and what else these machines know nothing of.
  memory: {},
  group: {},
  plain: {},
  standard: {},
  other: {},
};

/** A file and its operations belong to one kind; TypeScript does not follow that through the table. */
function operationsOf(kind: OpenFile['kind']): FileOperations<OpenFile['kind']> {
  return FILES[kind] as FileOperations<OpenFile['kind']>;
}

export function openIommufd(tx: Tx, actor: string): Result {
  const free = tx.world.contexts.indexOf(null);
  const ctx = free < 0 ? tx.world.contexts.length : free;
  putContext(tx, ctx, EMPTY_CONTEXT);
  return done({ fd: installFile(tx, actor, { kind: 'iommufd', ctx }) });
}

/** Opens a device's character device. It may be open many times; only one open file can be bound. */
export function openCdev(tx: Tx, id: string, actor: string): Result {
  const device = tx.world.platform.devices.findIndex((d) => d.id === id);
  if (device < 0) return openMediated(tx, id, actor);
  // Nobody but the selftests has a mock device.
  if (tx.world.platform.devices[device]?.mock !== undefined) return refused('ENOENT');
  // vfio-pci takes no device that is in no IOMMU group.
  if (!isTaken(tx, device)) return refused('ENOENT');
  return done({ fd: installFile(tx, actor, { kind: 'cdev', device, bound: null }) });
}

function openMediated(tx: Tx, id: string, actor: string): Result {
  const mdev = tx.world.platform.mediated?.indexOf(id) ?? -1;
  if (mdev < 0) return refused('ENOENT');
  return done({ fd: installFile(tx, actor, { kind: 'mdev', mdev, bound: null }) });
}

/** close(): the file itself goes with the last descriptor or mapping of it. */
export function closeFd(tx: Tx, fd: number, actor: string): Result {
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  if (file.of.kind === 'standard') return done();
  forgetFd(tx, actor, fd);
  dropFile(tx, file.index);
  return done();
}

/** dup(): another descriptor of the same open file. */
export function dup(tx: Tx, fd: number, actor: string): Result {
  const file = fileOf(tx, actor, fd);
  const open = file === null ? null : (tx.world.files[file.index] ?? null);
  if (file === null) return refused('EBADF');
  if (open === null) return done({ fd: installFile(tx, actor, { kind: 'plain' }) });
  holdFile(tx, file.index);
  return done({ fd: installFd(tx, actor, file.index) });
}

/** A descriptor of another process for the same open file. */
export function passFd(tx: Tx, fd: number, actor: string, to: string): Result {
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  if (!isActor(to)) return refused('EINVAL');
  const open = tx.world.files[file.index] ?? null;
  if (open === null) return done({ fd: installFile(tx, to, { kind: 'plain' }) });
  if (!sharesFiles(tx)) noteOwners(tx);
  holdFile(tx, file.index);
  const given = installFd(tx, to, file.index);
  const process = processOf(tx.world.processes, to);
  if (process !== undefined) putProcess(tx, to, { ...process, given: true });
  return done({ fd: given });
}

/** The process ends: do_exit() gives its memory back before its files. */
export function exit(tx: Tx, actor: string): Result {
  for (const { va } of processOf(tx.world.processes, actor)?.mappings ?? []) munmapBar(tx, va, actor);
  leaveMemory(tx, actor);
  const { length } = processOf(tx.world.processes, actor)?.fds ?? [];
  for (let at = 0; at < length; at++) closeFd(tx, at + FIRST_FD, actor);
  return done();
}

/** A mapping of a device's BAR keeps its file, and so the binding, alive after close(). */
export function mmapBar(tx: Tx, fd: number, va: bigint, actor: string): Result {
  const file = fileOf(tx, actor, fd);
  const process = processOf(tx.world.processes, actor);
  if (file === null || process === undefined) return refused('EBADF');
  if (file.of.kind !== 'cdev' || file.of.bound === null) return refused('EINVAL');
  const open = tx.world.files[file.index];
  if (open === undefined || open === null) return refused('EBADF');
  holdFile(tx, file.index);
  const held = copyProcess(process);
  held.mappings = [...process.mappings, { va, file: file.index }];
  putProcess(tx, actor, held);
  return done();
}

export function munmapBar(tx: Tx, va: bigint, actor: string): Result {
  const process = processOf(tx.world.processes, actor);
  const mapping = process?.mappings.find((m) => m.va === va);
  if (process === undefined || mapping === undefined) return done();
  const left = copyProcess(process);
  left.mappings = process.mappings.filter((m) => m !== mapping);
  putProcess(tx, actor, left);
  dropFile(tx, mapping.file);
  return done();
}

/** Gives back one reference to a file; with the last one it is released. */
export function dropFile(tx: Tx, index: number): void {
  const file = tx.world.files[index] ?? null;
  if (file === null) return;
  if (file.refs > 1) {
    putFile(tx, index, withFileRefs(file, file.refs - 1));
    return;
  }
  if (isMapped(tx.world, index)) putFile(tx, index, withFileRefs(file, 0));
  else freeFile(tx, index, file.of);
}

/** Files that only a mapping held, and that none does any more, are released. */
export function releaseUnmapped(tx: Tx): void {
  for (let again = true; again; ) {
    again = false;
    const { files } = tx.world;
    for (let index = 0; index < files.length; index++) {
      const file = files[index] ?? null;
      if (file === null || file.refs > 0 || file.mapped !== true || isMapped(tx.world, index)) continue;
      freeFile(tx, index, file.of);
      again = true;
      break;
    }
  }
}

/** Whether an IOAS has a mapping of the file: `mapped` of a file is set with its first one and stays. */
function isMapped({ files, contexts }: World, index: number): boolean {
  if (files[index]?.mapped !== true) return false;
  return contexts.some((context) =>
    context?.objects.some(
      (object) => object?.type === 'ioas' && object.iopt.areas.some(({ file }) => file === index),
    ),
  );
}

function freeFile(tx: Tx, index: number, of: OpenFile): void {
  putFile(tx, index, null);
  let { files } = tx.world;
  while (files.length > 0 && files.at(-1) === null) files = files.slice(0, -1);
  const world = copyWorld(tx.world);
  world.files = files;
  tx.world = world;
  operationsOf(of.kind).release?.(tx, of);
}

/** An ioctl goes to the file that it is made on; EBADF where there is none, ENOTTY where it has no ioctls. */
export function ioctl(tx: Tx, name: AnyIoctlName, args: CommandArgs[AnyIoctlName], actor: string): Result {
  const file = fileOf(tx, actor, args.fd);
  if (file === null) return refused('EBADF');
  return operationsOf(file.of.kind).ioctl?.(tx, file, name, args, actor) ?? refused('ENOTTY');
}

const POLLNVAL = 0x20;

export const FILE_HANDLERS: Handlers<
  'openIommufd' | 'openCdev' | 'openOther' | 'close' | 'read' | 'write' | 'poll' | 'mmapBar' | 'munmapBar'
> = {
  openIommufd: (tx, _args, actor) => openIommufd(tx, actor),
  openCdev: (tx, { device }, actor) => openCdev(tx, device, actor),
  openOther: (tx, _args, actor) => done({ fd: installFile(tx, actor, { kind: 'other' }) }),
  close: (tx, { fd }, actor) => closeFd(tx, fd, actor),
  read(tx, args, actor) {
    const file = fileOf(tx, actor, args.fd);
    if (file === null) return refused('EBADF');
    return operationsOf(file.of.kind).read?.(tx, file, args) ?? refused('EINVAL');
  },
  write(tx, args, actor) {
    const file = fileOf(tx, actor, args.fd);
    if (file === null) return refused('EBADF');
    return operationsOf(file.of.kind).write?.(tx, file, args) ?? refused('EINVAL');
  },
  poll(tx, { fd }, actor) {
    // A negative descriptor is left out (poll(2)).
    if (fd < 0) return done({ revents: 0 });
    const file = fileOf(tx, actor, fd);
    if (file === null) return done({ revents: POLLNVAL });
    return done({ revents: operationsOf(file.of.kind).poll?.(tx, file) ?? 0 });
  },
  mmapBar: (tx, { fd, va }, actor) => mmapBar(tx, fd, va, actor),
  munmapBar: (tx, { va }, actor) => munmapBar(tx, va, actor),
};
