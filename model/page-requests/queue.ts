import {
  encodePgfault,
  PAGE_RESPONSE_BYTES,
  PGFAULT_BYTES,
  PGFAULT_FLAGS,
} from '../../spec/iommufd/page-faults.ts';
import { answerGroup } from '../iommufd/faults/answer.ts';
import type { FaultGroup } from '../iommufd/faults/waiting.ts';
import { mustGet, putObject } from '../iommufd/object-table.ts';
import type { CommandArgs, Words } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/** read() of a fault queue (rule R-34): whole groups, oldest first, each under a cookie to answer it by. */
export function readFaultQueue(tx: Tx, ctx: number, id: number, args: CommandArgs['read']): Result {
  if (args.pos !== 0 || args.count % PGFAULT_BYTES !== 0) return refused('ESPIPE');
  const { groups, ...queue } = mustGet(tx, ctx, id, 'fault');
  const after = [...groups];
  const data: bigint[] = [];
  let count = 0;
  let errno: 'EINVAL' | 'ENOMEM' | 'EFAULT' | null = null;
  for (const [at, group] of groups.entries()) {
    if (group.cookie !== null) continue;
    const bytes = group.requests.length * PGFAULT_BYTES;
    if (bytes > args.count - count) {
      if (tx.rules.pageRequests.shortReadIsRefused) errno = 'EINVAL';
      break;
    }
    if (args.noMemory) {
      errno = 'ENOMEM';
      break;
    }
    const cookie = freeCookie(after);
    const copied = Math.min(
      bytes,
      Math.floor(Math.max(0, args.writable - count) / PGFAULT_BYTES) * PGFAULT_BYTES,
    );
    if (copied < bytes) {
      errno = 'EFAULT';
      if (!tx.rules.pageRequests.groupIsReadWhole) {
        count += copied;
        data.push(...wordsOf(group, cookie).slice(0, copied / 8));
      }
      break;
    }
    after[at] = { ...group, cookie };
    data.push(...wordsOf(group, cookie));
    count += bytes;
  }
  if (count === 0) return errno === null ? done({ count: 0, data: [] }) : refused(errno);
  putObject(tx, ctx, id, { ...queue, groups: after });
  return done({ count, data });
}

/** xa_alloc() into an XArray that begins at 1: the lowest that nobody has. */
function freeCookie(groups: readonly FaultGroup[]): number {
  let cookie = 1;
  while (groups.some((group) => group.cookie === cookie)) cookie++;
  return cookie;
}

function wordsOf({ devId, requests }: FaultGroup, cookie: number): Words {
  return requests.flatMap(({ group, address, perm, last, pasid }) =>
    encodePgfault({
      flags: (last ? PGFAULT_FLAGS.LAST_PAGE : 0) | (pasid === undefined ? 0 : PGFAULT_FLAGS.PASID_VALID),
      devId,
      ...(pasid === undefined ? {} : { pasid }),
      grpid: group,
      perm,
      addr: address,
      cookie,
    }),
  );
}

/** write() to a fault queue (rule R-34): the answers to groups that were read. The first that is none ends it. */
export function writeFaultQueue(tx: Tx, ctx: number, id: number, args: CommandArgs['write']): Result {
  if (args.count % PAGE_RESPONSE_BYTES !== 0) return refused('ESPIPE');
  let count = 0;
  for (; count < args.count; count += PAGE_RESPONSE_BYTES) {
    const word = args.data?.[count / PAGE_RESPONSE_BYTES];
    if (word === undefined) {
      // copy_from_user() gives the number of bytes that it could not copy.
      if (count > 0) break;
      return tx.rules.pageRequests.unreadAnswerIsFault
        ? refused('EFAULT')
        : done({ count: PAGE_RESPONSE_BYTES });
    }
    const cookie = Number(BigInt.asUintN(32, word));
    const code = Number(word >> 32n);
    const queue = mustGet(tx, ctx, id, 'fault');
    const answered = queue.groups.find((group) => group.cookie === cookie && cookie !== 0);
    if (!tx.rules.pageRequests.answers.includes(code) || answered === undefined) break;
    putObject(tx, ctx, id, { ...queue, groups: queue.groups.filter((group) => group !== answered) });
    answerGroup(tx, answered, code);
  }
  return count === 0 && args.count > 0 ? refused('EINVAL') : done({ count });
}
