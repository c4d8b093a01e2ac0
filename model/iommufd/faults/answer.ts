import { PAGE_RESPONSE } from '../../../spec/iommufd/page-faults.ts';
import { copyWorld } from '../../world/copy.ts';
import type { Tx } from '../../world/tx.ts';
import { getOf, mustGet, putObject } from '../object-table.ts';
import type { FaultGroup, PageRequests } from './waiting.ts';

/** iopf_group_response(): the device hears of its group, and waits for it no longer. */
export function answerGroup(tx: Tx, { device, requests }: FaultGroup, code: number): void {
  const group = requests.at(-1)?.group ?? 0;
  respond(tx, device, group, code);
  const { pageRequests } = tx.world;
  if (pageRequests === null) return;
  const awaited = (pageRequests.awaited[device] ?? []).filter((each) => each !== group);
  const off =
    code === PAGE_RESPONSE.FAILURE
      ? [...new Set([...pageRequests.off, device])].sort((a, b) => a - b)
      : pageRequests.off;
  putPageRequests(tx, { ...pageRequests, awaited: pageRequests.awaited.with(device, awaited), off });
}

/** A page response without anything that waits for it in a queue. */
export function respond(tx: Tx, device: number, group: number, code: number): void {
  tx.effects.push({ kind: 'pageResponse', device, group, code });
}

/**
 * Devices leave an HWPT (iommufd_auto_response_faults(), rule R-34): what they asked for there is answered as invalid, read
 * or not. `staysCapable`: they are on another that hands page requests on; else what is incomplete is dropped too
 * (iopf_queue_remove_device()). `pasid`: the attachment of a PASID goes, and with it what came by that alone.
 */
export function leaveHwpt(
  tx: Tx,
  ctx: number,
  hwpt: number,
  devices: readonly number[],
  staysCapable: boolean,
  pasid?: number,
): void {
  const queueId = faultOf(tx, ctx, hwpt);
  if (queueId === null || tx.world.pageRequests === null) return;
  const queue = mustGet(tx, ctx, queueId, 'fault');
  const all = tx.rules.pageRequests.leavingAnswers === 'all';
  const leaves = ({ device, cookie, by }: FaultGroup): boolean =>
    (devices.includes(device) || !tx.rules.pageRequests.leavingAnswersOwnOnly) &&
    by === pasid &&
    (all || cookie !== null);
  const left = queue.groups.filter(leaves);
  if (left.length > 0)
    putObject(tx, ctx, queueId, { ...queue, groups: queue.groups.filter((each) => !leaves(each)) });
  for (const group of left) answerGroup(tx, group, PAGE_RESPONSE.INVALID);
  if (!staysCapable) dropPartial(tx, devices);
}

/** The fault queue of an HWPT; null: page requests of its devices are nobody's. */
export function faultOf(tx: Tx, ctx: number, hwpt: number): number | null {
  const object = getOf(tx, ctx, hwpt, 'hwptPaging') ?? getOf(tx, ctx, hwpt, 'hwptNested');
  return object?.fault ?? null;
}

function dropPartial(tx: Tx, devices: readonly number[]): void {
  const { pageRequests } = tx.world;
  if (pageRequests === null || devices.every((device) => pageRequests.partial[device]?.length === 0)) return;
  const partial = pageRequests.partial.map((each, device) => (devices.includes(device) ? [] : each));
  putPageRequests(tx, { ...pageRequests, partial });
}

export function putPageRequests(tx: Tx, pageRequests: PageRequests): void {
  const world = copyWorld(tx.world);
  world.pageRequests = pageRequests;
  tx.world = world;
}
