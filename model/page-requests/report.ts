import { PAGE_RESPONSE } from '../../spec/iommufd/page-faults.ts';
import { faultOf, putPageRequests, respond } from '../iommufd/faults/answer.ts';
import type { PageRequest } from '../iommufd/faults/waiting.ts';
import { contextObjects, mustGet, putObject } from '../iommufd/object-table.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { groupAt, type Tx } from '../world/tx.ts';

/**
 * A device asks for a page (iommu_report_device_fault()). Refused as no device would make it: ENODEV from one that makes no
 * page requests, or whose requests are switched off; EBUSY where it already waits for as many as it can, or for that group.
 */
export function pageRequest(tx: Tx, args: CommandArgs['pageRequest'], actor: string): Result {
  const { platform, pageRequests } = tx.world;
  const device = platform.devices.findIndex(({ id }) => actor === `device:${id}`);
  const room = platform.devices[device]?.pageRequests ?? 0;
  if (pageRequests === null || room === 0 || pageRequests.off.includes(device)) return refused('ENODEV');
  const partial = pageRequests.partial[device] ?? [];
  const awaited = pageRequests.awaited[device] ?? [];
  if (awaited.includes(args.group) || partial.length + awaited.length >= room) return refused('EBUSY');
  const handler = handlerOf(tx, device);
  if (handler === null) {
    respond(tx, device, args.group, PAGE_RESPONSE.INVALID);
    return done();
  }
  const request: PageRequest = {
    group: args.group,
    address: args.address,
    perm: args.perm,
    last: args.last,
  };
  const kept = args.last ? partial.filter(({ group }) => group !== args.group) : [...partial, request];
  const waits = args.last ? [...awaited, args.group] : awaited;
  putPageRequests(tx, {
    ...pageRequests,
    partial: pageRequests.partial.with(device, kept),
    awaited: pageRequests.awaited.with(device, waits),
  });
  if (!args.last) return done();
  // The list of those that came before begins with the newest, and each is put in front of the others (iopf_group_alloc()).
  const requests = [...partial.filter(({ group }) => group === args.group), request];
  const queue = mustGet(tx, handler.ctx, handler.fault, 'fault');
  const group = { device, devId: handler.devId, requests, cookie: null };
  putObject(tx, handler.ctx, handler.fault, { ...queue, groups: [...queue.groups, group] });
  return done();
}

/** The fault queue of the HWPT that a device is on (find_fault_handler()). */
function handlerOf(tx: Tx, device: number): { ctx: number; fault: number; devId: number } | null {
  const { domain } = groupAt(tx, tx.world.platform.devices[device]?.group ?? -1);
  if (domain.kind !== 'hwpt') return null;
  const fault = faultOf(tx, domain.ctx, domain.hwpt);
  const devId = contextObjects(tx, domain.ctx).findIndex(
    (slot) => slot?.type === 'device' && slot.device === device,
  );
  return fault === null || devId < 0 ? null : { ctx: domain.ctx, fault, devId };
}
