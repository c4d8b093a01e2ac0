import { VEVENTQ_FLAG_LOST_EVENTS } from '../../spec/iommufd/constants.ts';
import { ALL_WRITABLE } from '../world/calls.ts';
import type { Words } from '../world/command.ts';
import { call, type Vmm } from './process.ts';
import { changeVsmmu, vsmmuAt } from './vsmmu.ts';

/** Words of an event record (IHI0070 7.3). */
const RECORD_WORDS = 4;

/** One read() takes everything: a header word and a record for each of the 64 events that a vEVENTQ holds, and more. */
const READ_BYTES = 4096;

const FLAGS = 0xffff_ffffn;

/** What the kernel kept for a vSMMU's guest, and what the VMM made itself: records one after the other. */
export function drainEvents(vmm: Vmm, index: number): Words {
  const { backings, events } = vsmmuAt(vmm, index);
  const records = events.flat();
  if (events.length > 0) changeVsmmu(vmm, index, { events: [] });
  for (const { veventq } of backings) {
    const told = call(vmm, 'read', {
      fd: veventq.fd,
      count: READ_BYTES,
      pos: 0,
      writable: ALL_WRITABLE,
      noMemory: false,
    });
    if (told.ok) records.push(...recordsOf((told.out.data ?? []) as Words));
  }
  return records;
}

/** The records without their headers; the header of lost events has no record. */
function recordsOf(data: Words): Words {
  const records: bigint[] = [];
  for (let at = 0; at < data.length; ) {
    const isLoss = ((data[at] ?? 0n) & FLAGS & BigInt(VEVENTQ_FLAG_LOST_EVENTS)) !== 0n;
    at++;
    if (isLoss) continue;
    records.push(...data.slice(at, at + RECORD_WORDS));
    at += RECORD_WORDS;
  }
  return records;
}
