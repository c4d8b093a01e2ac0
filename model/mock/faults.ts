import { PAGE_RESPONSE } from '../../spec/iommufd/page-faults.ts';
import { SELFTEST } from '../../spec/iommufd/selftest.ts';
import { findQueue } from '../iommufd/eventq.ts';
import { faultOf, putPageRequests, respond } from '../iommufd/faults/answer.ts';
import type { FaultGroup, PageRequest } from '../iommufd/faults/waiting.ts';
import { getOf, mustGet, putObject } from '../iommufd/object-table.ts';
import { reportEvent } from '../iommufd/veventq.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, groupAt, type Tx } from '../world/tx.ts';

/** struct iommu_viommu_event_selftest. */
const EVENT_BYTES = 4;

/** TRIGGER_IOPF (iommu_report_device_fault()): one page request that is a group of its own. */
export function pageFault(tx: Tx, ctx: number, args: CommandArgs['mockPageFault']): Result {
  const object = getOf(tx, ctx, args.devId, 'device');
  if (object === null) return refused('ENOENT');
  const { device } = object;
  const handler = handlerOf(tx, ctx, device, args.pasid);
  const fault = handler === null ? null : faultOf(tx, ctx, handler.hwpt);
  const { pageRequests } = tx.world;
  if (handler === null || fault === null || pageRequests === null) {
    respond(tx, device, args.grpid, PAGE_RESPONSE.INVALID);
    return done();
  }
  const request: PageRequest = {
    group: args.grpid,
    address: args.addr,
    perm: args.perm,
    last: true,
    ...(args.pasid === 0 ? {} : { pasid: args.pasid }),
  };
  const awaited = [...(pageRequests.awaited[device] ?? []), args.grpid];
  putPageRequests(tx, { ...pageRequests, awaited: pageRequests.awaited.with(device, awaited) });
  const queue = mustGet(tx, ctx, fault, 'fault');
  const group: FaultGroup = {
    device,
    devId: args.devId,
    requests: [request],
    ...(handler.byPasid ? { by: args.pasid } : {}),
    cookie: null,
  };
  putObject(tx, ctx, fault, { ...queue, groups: [...queue.groups, group] });
  return done();
}

/**
 * The HWPT that a request comes by (find_fault_handler()): with a PASID that nothing is attached to, the nested one of requests
 * without, since the guest has a PASID table behind that.
 */
function handlerOf(
  tx: Tx,
  ctx: number,
  device: number,
  pasid: number,
): { readonly hwpt: number; readonly byPasid: boolean } | null {
  const { group } = tx.world.platform.devices[device] as { readonly group: number };
  const { domain, pasids } = groupAt(tx, group);
  const own = pasid === 0 ? undefined : pasids.find((each) => each.pasid === pasid);
  if (own !== undefined) return { hwpt: own.hwpt, byPasid: true };
  if (domain.kind !== 'hwpt') return null;
  const { hwpt } = domain;
  const isHandled = pasid === 0 || getOf(tx, ctx, hwpt, 'hwptNested') !== null;
  return isHandled ? { hwpt, byPasid: false } : null;
}

/** TRIGGER_VEVENT: an event of a device, under the virtual id by which it was attached. */
export function mockEvent(tx: Tx, ctx: number, { devId }: CommandArgs['mockEvent']): Result {
  const object = getOf(tx, ctx, devId, 'device');
  if (object === null) return refused('ENOENT');
  const { vmaster } = deviceAt(tx, object.device);
  if (vmaster === null || vmaster.vsid === 0n) return refused('ENOENT');
  const id = findQueue(tx, ctx, vmaster.viommu, SELFTEST.VEVENTQ);
  if (id === null) return refused('EOPNOTSUPP');
  const queue = mustGet(tx, ctx, id, 'veventq');
  const words = [BigInt.asUintN(8 * EVENT_BYTES, vmaster.vsid)];
  const reported = reportEvent(queue, words, tx.rules, EVENT_BYTES);
  putObject(tx, ctx, id, reported.queue);
  tx.effects.push({
    kind: 'vevent',
    device: object.device,
    ctx,
    veventq: id,
    sequence: queue.sequence,
    lost: reported.lost,
    words,
  });
  return done();
}
