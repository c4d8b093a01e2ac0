import { dropFile } from './files.ts';
import { endMove } from './iommufd/access.ts';
import { destroy } from './iommufd/destroy.ts';
import { mapFileBegins as beginMapFile, mapFileEnds } from './iommufd/map-file-begins.ts';
import { addUsers, getObject } from './iommufd/object-table.ts';
import type { IommufdObject } from './iommufd/objects.ts';
import { vdeviceAlloc } from './iommufd/viommu.ts';
import { vfioAttachBegins, vfioAttachEnds } from './vfio/attach.ts';
import type { CommandArgs } from './world/command.ts';
import { copyProcess } from './world/copy.ts';
import { fileOf, holdFile } from './world/files.ts';
import type { Handlers } from './world/machine.ts';
import { type CallInFlight, processOf } from './world/process.ts';
import { done, type Result, refused } from './world/result.ts';
import { putProcess, type Tx } from './world/tx.ts';

/*
 * Calls of a process's other threads, which others can come between: begun, and ended later. What the kernel does under
 * its locks is one step and is taken when the call ends; until then a call in flight holds its file and nothing else.
 */

/** IOMMU_DESTROY by another thread, as far as its lock. */
export function destroyBegins(tx: Tx, { fd, id }: CommandArgs['destroyBegins'], actor: string): Result {
  return begin(tx, actor, fd, (ctx) => {
    const holds = tx.rules.iommufd.destroyTakesReference && stays(getObject(tx, ctx, id));
    if (holds) addUsers(tx, ctx, id, 1);
    return { call: 'destroy', id, holds };
  });
}

/** IOMMU_VDEVICE_ALLOC by another thread, as far as the driver's part. */
export function vdeviceAllocBegins(
  tx: Tx,
  { fd, viommuId, devId, virtId }: CommandArgs['vdeviceAllocBegins'],
  actor: string,
): Result {
  return begin(tx, actor, fd, () => ({ call: 'vdeviceAlloc', viommuId, devId, virtId }));
}

/** IOMMU_IOAS_MAP_FILE by another thread, as far as the pages. */
export function mapFileBegins(tx: Tx, { fd, ...args }: CommandArgs['mapFileBegins'], actor: string): Result {
  return begin(tx, actor, fd, (ctx) => ({
    call: 'mapFile',
    ioas: args.ioasId,
    iova: args.iova,
    errno: beginMapFile(tx, ctx, args, actor),
  }));
}

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT by another thread, as far as the IOAS's mutex. */
export function attachBegins(tx: Tx, { fd, ptId }: CommandArgs['attachBegins'], actor: string): Result {
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  if (file.of.kind !== 'cdev') return refused('ENOTTY');
  const { bound } = file.of;
  if (bound === null) return refused('EINVAL');
  return hold(tx, actor, file.index, bound.ctx, vfioAttachBegins(tx, bound, ptId));
}

/** Devices and their vDEVICEs go when they are unbound, whoever holds them, so whoever does is waited for (rule R-2). */
function stays(object: IommufdObject | null): boolean {
  return object !== null && object.type !== 'device' && object.type !== 'vdevice';
}

function begin(tx: Tx, actor: string, fd: number, what: (ctx: number) => CallInFlight['what']): Result {
  const file = fileOf(tx, actor, fd);
  if (file === null) return refused('EBADF');
  if (file.of.kind !== 'iommufd') return refused('ENOTTY');
  const { ctx } = file.of;
  return hold(tx, actor, file.index, ctx, what(ctx));
}

function hold(tx: Tx, actor: string, file: number, ctx: number, what: CallInFlight['what']): Result {
  const open = tx.world.files[file] ?? null;
  const process = processOf(tx.world.processes, actor);
  if (open === null || process === undefined) return refused('EBADF');
  holdFile(tx, file);
  const calling = copyProcess(process);
  calling.calls = [...process.calls, { file, ctx, what }];
  putProcess(tx, actor, calling);
  return done();
}

/** The oldest call in flight takes its locks, does its work and returns: with that call's own answer. */
export function callEnds(tx: Tx, actor: string): Result {
  const process = processOf(tx.world.processes, actor);
  const [call, ...others] = process?.calls ?? [];
  if (process === undefined || call === undefined) return refused('EINVAL');
  putProcess(tx, actor, { ...process, calls: others });
  const { what, ctx } = call;
  if (what.call === 'destroy' && what.holds) addUsers(tx, ctx, what.id, -1);
  const before = tx.world;
  const result = finish(tx, call);
  // What a call takes away itself as it is refused stays away.
  if (!result.ok && !tx.keep) tx.world = before;
  dropFile(tx, call.file);
  // The call is over, whatever it answers.
  tx.keep = true;
  return result;
}

const VDEVICE_ALLOC_BYTES = 24;

function finish(tx: Tx, { ctx, file, what }: CallInFlight): Result {
  if (what.call === 'destroy') return destroy(tx, ctx, what.id);
  if (what.call === 'mdevAttach') {
    endMove(tx, ctx, what.id);
    return done();
  }
  if (what.call === 'mapFile') return endMapFile(tx, ctx, what);
  if (what.call === 'attach') return endAttach(tx, file, what);
  const { viommuId, devId, virtId } = what;
  const args = { fd: 0, size: VDEVICE_ALLOC_BYTES, viommuId, devId, virtId, trailing: false, data: null };
  return vdeviceAlloc(tx, ctx, args);
}

type Of<Name extends CallInFlight['what']['call']> = Extract<CallInFlight['what'], { readonly call: Name }>;

function endMapFile(tx: Tx, ctx: number, { ioas, iova, errno }: Of<'mapFile'>): Result {
  if (errno !== null) return refused(errno);
  const late = mapFileEnds(tx, ctx, ioas, iova);
  if (late === null) return done({ iova });
  tx.keep = true;
  return refused(late);
}

function endAttach(tx: Tx, file: number, { pt, made }: Of<'attach'>): Result {
  const of = tx.world.files[file]?.of;
  // The call has held its file, so the device is bound still.
  return of?.kind === 'cdev' && of.bound !== null
    ? vfioAttachEnds(tx, of.bound, pt, made)
    : refused('EINVAL');
}

export const IN_FLIGHT_HANDLERS: Handlers<
  'attachBegins' | 'destroyBegins' | 'vdeviceAllocBegins' | 'mapFileBegins' | 'callEnds'
> = {
  attachBegins,
  destroyBegins,
  mapFileBegins,
  vdeviceAllocBegins,
  callEnds: (tx, _args, actor) => callEnds(tx, actor),
};
