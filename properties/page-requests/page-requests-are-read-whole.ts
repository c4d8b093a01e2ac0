import type { FaultGroup } from '../../model/iommufd/faults/waiting.ts';
import type { Words } from '../../model/world/command.ts';
import {
  decodePgfaults,
  PGFAULT_BYTES,
  PGFAULT_FLAGS,
  type Pgfault,
} from '../../spec/iommufd/page-faults.ts';
import { makesPageRequests } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { faultQueueRead } from './look.ts';

/** The PASID of a page request in a buffer: the first half of its second doubleword. */
function pasidIn(words: Words, at: number): number {
  return Number((words[(at * PGFAULT_BYTES) / 8 + 1] ?? 0n) % 0x1_0000_0000n);
}

/** What was read that is not what the devices asked, in the order in which they did. */
function otherThanWaiting(
  waiting: readonly FaultGroup[],
  faults: readonly Pgfault[],
  words: Words,
): string | null {
  const asked = waiting
    .filter(({ cookie }) => cookie === null)
    .flatMap(({ devId, requests }) => requests.map((request) => ({ devId, ...request })));
  for (const [at, fault] of faults.entries()) {
    const request = asked[at];
    const isSame =
      request !== undefined &&
      fault.devId === request.devId &&
      fault.grpid === request.group &&
      fault.perm === request.perm &&
      fault.addr === request.address &&
      ((fault.flags & PGFAULT_FLAGS.PASID_VALID) !== 0) === (request.pasid !== undefined) &&
      (request.pasid === undefined || pasidIn(words, at) === request.pasid);
    if (!isSame) return `page request ${at + 1} of ${faults.length} is not what the device asked for`;
  }
  return null;
}

export const pageRequestsAreReadWhole: StepProperty = {
  id: 'page-requests-are-read-whole',
  sentence:
    'read() of a fault queue returns whole groups of page requests as the devices made them, oldest first, each with one cookie and its last request at the end. It returns none that it has no memory to give a cookie. Room for a part of one is ESPIPE.',
  source: 'rule R-34; iommufd: Avoid partial fault group delivery in iommufd_fault_fops_read() (091ab6d)',
  kind: 'step',
  brokenBy: 'page-requests-read-in-part',
  appliesTo: makesPageRequests,
  violated(transition) {
    const waiting = faultQueueRead(transition);
    const { command, result } = transition;
    if (waiting === null || command.command !== 'read') return null;
    const { pos, count } = command.args;
    const isOdd = pos !== 0 || count % PGFAULT_BYTES !== 0;
    if (isOdd !== (!result.ok && result.errno === 'ESPIPE'))
      return `read() of ${count} bytes at ${pos} is ${result.ok ? 'done' : `refused with ${result.errno}`}`;
    if (!result.ok) return null;
    if (command.args.noMemory === true && Number(result.out.count) > 0)
      return 'read() returns groups, and there was no memory for their cookies';
    const faults = decodePgfaults((result.out.data ?? []) as Words);
    if (faults.length * PGFAULT_BYTES !== Number(result.out.count))
      return 'the count is not that of the data';
    for (const [at, { cookie, flags }] of faults.entries()) {
      const next = faults[at + 1];
      const isLast = (flags & PGFAULT_FLAGS.LAST_PAGE) !== 0;
      if (isLast !== (next === undefined || next.cookie !== cookie))
        return `page request ${at + 1} of ${faults.length} ${isLast ? 'is not the last under its cookie' : 'is the last that is given, but not of its group'}`;
    }
    return otherThanWaiting(waiting, faults, (result.out.data ?? []) as Words);
  },
  witness: (transition) =>
    (faultQueueRead(transition) ?? []).some(({ requests }) => requests.length > 1) && transition.result.ok,
};
