import { dup, exit, passFd } from './files.ts';
import {
  compatApiVersion,
  compatCheckExtension,
  compatGetInfo,
  compatMapDma,
  compatSetIommu,
} from './iommufd/compat.ts';
import { leaveMemory } from './iommufd/owners.ts';
import { deviceFeature, hotReset, hotResetInfo } from './vfio/feature.ts';
import { openGroup } from './vfio/group-file.ts';
import { fileOf, installFile } from './world/files.ts';
import type { MemoryAccess, MemoryChange } from './world/memory/changes.ts';
import { type Binding, NEW_PROCESS, processOf, vmmOf } from './world/process.ts';
import type { FileCallArgs, FileCallName } from './world/rare-calls.ts';
import { done, type Result, refused } from './world/result.ts';
import { putProcess, type Tx } from './world/tx.ts';

type Handler<N extends FileCallName> = (tx: Tx, args: FileCallArgs[N], actor: string) => Result;

/** A call on an iommufd; anywhere else its number means nothing. */
function onIommufd<N extends FileCallName>(
  call: (tx: Tx, ctx: number, args: FileCallArgs[N], actor: string) => Result,
): (tx: Tx, args: FileCallArgs[N] & { readonly fd: number }, actor: string) => Result {
  return (tx, args, actor) => {
    const file = fileOf(tx, actor, args.fd);
    return file?.of.kind === 'iommufd' ? call(tx, file.of.ctx, args, actor) : nothing(tx, args, actor);
  };
}

/** A call on a bound device file. */
function onDevice<N extends FileCallName>(
  call: (tx: Tx, device: number, args: FileCallArgs[N], bound: Binding) => Result,
): (tx: Tx, args: FileCallArgs[N] & { readonly fd: number }, actor: string) => Result {
  return (tx, args, actor) => {
    const file = fileOf(tx, actor, args.fd);
    return file?.of.kind === 'cdev' && file.of.bound !== null
      ? call(tx, file.of.device, args, file.of.bound)
      : nothing(tx, args, actor);
  };
}

/** An unknown number: ENOTTY, but that a device file answers nothing before it is bound. */
function nothing(tx: Tx, { fd }: { readonly fd: number }, actor: string): Result {
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  const { of } = file;
  const unbound = (of.kind === 'cdev' || of.kind === 'mdev') && of.bound === null;
  return refused(unbound ? 'EINVAL' : 'ENOTTY');
}

function changeMemory(tx: Tx, { va, length, access }: FileCallArgs['changeMemory'], actor: string): Result {
  if (length === 0n || va + length > 1n << 64n) return refused('EINVAL');
  const process = processOf(tx.world.processes, actor) ?? NEW_PROCESS;
  const change: MemoryChange = { start: va, last: va + length - 1n, access: access as MemoryAccess };
  putProcess(tx, actor, { ...process, memory: [change, ...(process.memory ?? [])] });
  return done();
}

/** Where the calls that few scopes make are answered. */
export const FILE_CALLS: { readonly [N in FileCallName]: Handler<N> } = {
  compatApiVersion: onIommufd(compatApiVersion),
  compatCheckExtension: onIommufd<'compatCheckExtension'>(compatCheckExtension),
  compatSetIommu: onIommufd<'compatSetIommu'>(compatSetIommu),
  compatGetInfo: onIommufd<'compatGetInfo'>(compatGetInfo),
  compatMapDma: onIommufd<'compatMapDma'>(compatMapDma),
  deviceFeature: onDevice<'deviceFeature'>(deviceFeature),
  hotResetInfo: onDevice<'hotResetInfo'>(hotResetInfo),
  hotReset: onDevice<'hotReset'>(hotReset),
  unknownIoctl: nothing,
  dup: (tx, { fd }, actor) => dup(tx, fd, actor),
  passFd: (tx, { fd, to }, actor) => passFd(tx, fd, actor, vmmOf(to)),
  exec(tx, _args, actor) {
    leaveMemory(tx, actor);
    return done();
  },
  openGroup: (tx, { group }, actor) => openGroup(tx, group, actor),
  changeMemory: (tx, args, actor) => changeMemory(tx, args, actor),
  exit: (tx, _args, actor) => exit(tx, actor),
  openFile: (tx, { of, size }, actor) =>
    done({
      fd: installFile(
        tx,
        actor,
        of === 'memory' ? { kind: 'memory', size: size === 0n ? null : size } : { kind: 'plain' },
      ),
    }),
};
