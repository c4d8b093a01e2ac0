import { dropFile } from './files.ts';
import { endMove } from './iommufd/access.ts';
import { destroy } from './iommufd/destroy.ts';
import { addUsers, getObject } from './iommufd/object-table.ts';
import type { IommufdObject } from './iommufd/objects.ts';
import { vdeviceAlloc } from './iommufd/viommu.ts';
import type { CommandArgs } from './world/command.ts';
import { fileOf } from './world/files.ts';
import type { Handlers } from './world/machine.ts';
import { type CallInFlight, processOf } from './world/process.ts';
import { done, type Result, refused } from './world/result.ts';
import { putFile, putProcess, type Tx } from './world/tx.ts';

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

/** Devices and their vDEVICEs go when they are unbound, whoever holds them, so whoever does is waited for (rule R-2). */
function stays(object: IommufdObject | null): boolean {
  return object !== null && object.type !== 'device' && object.type !== 'vdevice';
}

function begin(tx: Tx, actor: string, fd: number, what: (ctx: number) => CallInFlight['what']): Result {
  const file = fileOf(tx, actor, fd);
  const process = processOf(tx.world.processes, actor);
  const open = file === null ? null : (tx.world.files[file.index] ?? null);
  if (file === null || open === null || process === undefined) return refused('EBADF');
  if (file.of.kind !== 'iommufd') return refused('ENOTTY');
  const { ctx } = file.of;
  putFile(tx, file.index, { ...open, refs: open.refs + 1 });
  const call: CallInFlight = { file: file.index, ctx, what: what(ctx) };
  putProcess(tx, actor, { ...process, calls: [...process.calls, call] });
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
  if (!result.ok) tx.world = before;
  dropFile(tx, call.file);
  // The call is over, whatever it answers.
  tx.keep = true;
  return result;
}

const VDEVICE_ALLOC_BYTES = 24;

function finish(tx: Tx, { ctx, what }: CallInFlight): Result {
  if (what.call === 'destroy') return destroy(tx, ctx, what.id);
  if (what.call === 'mdevAttach') {
    endMove(tx, ctx, what.id);
    return done();
  }
  const { viommuId, devId, virtId } = what;
  const args = { fd: 0, size: VDEVICE_ALLOC_BYTES, viommuId, devId, virtId, trailing: false, data: null };
  return vdeviceAlloc(tx, ctx, args);
}

export const IN_FLIGHT_HANDLERS: Handlers<'destroyBegins' | 'vdeviceAllocBegins' | 'callEnds'> = {
  destroyBegins,
  vdeviceAllocBegins,
  callEnds: (tx, _args, actor) => callEnds(tx, actor),
};
