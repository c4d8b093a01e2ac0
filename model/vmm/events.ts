import { VEVENTQ_FLAG_LOST_EVENTS } from '../../spec/iommufd/constants.ts';
import { ALL_WRITABLE } from '../world/calls.ts';
import type { Words } from '../world/command.ts';
import { type Control, EVENTQEN } from './control.ts';
import { putMemory } from './held.ts';
import { isRam } from './iommufd.ts';
import { clearGuest, readGuest, writeGuest } from './memory.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import { isEmpty, isFull, next, type Ring, ringOf, slotAt } from './ring.ts';
import { changeVsmmu, vsmmuAt } from './vsmmu.ts';

/** Words of an event record (IHI0070 7.3). */
const RECORD_WORDS = 4;

/** An event of which all is zero, and its header. */
const NO_RECORD: Words = Object.freeze(new Array<bigint>(1 + RECORD_WORDS).fill(0n));

const FLAGS = 0xffff_ffffn;

/** GERROR.EVENTQ_ABT_ERR. */
const ABORT_ERROR = 1 << 2;

/** EVENTQ_PROD.OVFLG and EVENTQ_CONS.OVACKFLG. */
const OVERFLOW = 2 ** 31;

/** The VMM takes one read() of events out of the kernel's queues, and gives the guest what it takes for events. */
export function serveEvents(vmm: Vmm, index: number): 'nothing' | 'empty' | 'events' {
  for (const { veventq } of vsmmuAt(vmm, index).backings) {
    if (veventq === null) continue;
    const told = call(vmm, 'read', {
      fd: veventq.fd,
      count: vmm.tx.rules.vmm.eventBytes,
      pos: 0,
      writable: ALL_WRITABLE,
      noMemory: false,
    });
    const isEmpty = !told.ok || numberOf(told, 'count') === 0;
    if (isEmpty && !(told.ok && vmm.tx.rules.vmm.emptyReadIsEvent)) continue;
    passOn(vmm, index, isEmpty ? NO_RECORD : ((told.out.data ?? []) as Words));
    return isEmpty ? 'empty' : 'events';
  }
  return 'nothing';
}

/** Events with their headers; the header of lost events has none behind it. */
function passOn(vmm: Vmm, index: number, data: Words): void {
  for (let at = 0; at < data.length; ) {
    const isLoss = ((data[at] ?? 0n) & FLAGS & BigInt(VEVENTQ_FLAG_LOST_EVENTS)) !== 0n;
    at++;
    if (isLoss) {
      if (vmm.tx.rules.vmm.hostLoss === 'overflow') overflow(vmm, index);
      continue;
    }
    deliver(vmm, index, data.slice(at, at + RECORD_WORDS));
    at += RECORD_WORDS;
  }
}

/** Takes everything that waits in the kernel away. */
export function drainEvents(vmm: Vmm, index: number): void {
  for (const { veventq } of vsmmuAt(vmm, index).backings) {
    if (veventq === null) continue;
    for (let more = true; more; ) {
      const count = vmm.tx.rules.vmm.eventBytes;
      const told = call(vmm, 'read', {
        fd: veventq.fd,
        count,
        pos: 0,
        writable: ALL_WRITABLE,
        noMemory: false,
      });
      more = told.ok && numberOf(told, 'count') > 0;
    }
  }
}

function eventRing({ tx }: Vmm, { EVENTQ_BASE, EVENTQ_PROD, EVENTQ_CONS }: Control): Ring {
  return ringOf(EVENTQ_BASE, EVENTQ_PROD, EVENTQ_CONS, tx.rules.vmm.queuesAreAligned);
}

/** Puts a record into the guest's event queue (IHI0070 7.2, 7.4). */
export function deliver(vmm: Vmm, index: number, record: Words): void {
  const { cr0, control } = vsmmuAt(vmm, index);
  if ((cr0 & EVENTQEN) === 0) {
    if (vmm.tx.rules.vmm.disabledQueue === 'error') raise(vmm, index);
    return;
  }
  const ring = eventRing(vmm, control);
  if (isFull(ring)) {
    if (vmm.tx.rules.vmm.fullQueue === 'error') raise(vmm, index);
    else overflow(vmm, index);
    return;
  }
  const address = slotAt(ring, ring.prod, RECORD_WORDS);
  if (!isRam(vmm.tx.world, vmm.index, address)) {
    raise(vmm, index);
    return;
  }
  putMemory(vmm, writeGuest(vmOf(vmm).memory, address, record));
  const flag = control.EVENTQ_PROD & OVERFLOW;
  change(vmm, index, { EVENTQ_PROD: next(ring, ring.prod) + (flag === 0 ? 0 : OVERFLOW) });
}

/** The queue overflowed; told once until the guest acknowledges it. */
function overflow(vmm: Vmm, index: number): void {
  const { EVENTQ_PROD, EVENTQ_CONS } = vsmmuAt(vmm, index).control;
  const isTold = EVENTQ_PROD >= OVERFLOW !== EVENTQ_CONS >= OVERFLOW;
  if (!isTold)
    change(vmm, index, { EVENTQ_PROD: EVENTQ_PROD + (EVENTQ_PROD >= OVERFLOW ? -OVERFLOW : OVERFLOW) });
}

function raise(vmm: Vmm, index: number): void {
  const { GERROR, GERRORN } = vsmmuAt(vmm, index).control;
  if (((GERROR ^ GERRORN) & ABORT_ERROR) === 0) change(vmm, index, { GERROR: GERROR ^ ABORT_ERROR });
}

function change(vmm: Vmm, index: number, to: Partial<Control>): void {
  changeVsmmu(vmm, index, { control: { ...vsmmuAt(vmm, index).control, ...to } });
}

/** What the guest takes out of its queue; it leaves zeros, and both indices at the start. */
export function takeEvents(vmm: Vmm, index: number): Words {
  const { control } = vsmmuAt(vmm, index);
  const ring = eventRing(vmm, control);
  const records: bigint[] = [];
  let { memory } = vmOf(vmm);
  for (
    let at = ring.cons, left = 2 * 2 ** ring.log2Size;
    !isEmpty({ ...ring, cons: at }) && left > 0;
    left--
  ) {
    const address = slotAt(ring, at, RECORD_WORDS);
    for (let word = 0; word < RECORD_WORDS; word++)
      records.push(readGuest(memory, address + BigInt(8 * word)));
    memory = clearGuest(memory, address, address + BigInt(8 * RECORD_WORDS));
    at = next(ring, at);
  }
  putMemory(vmm, memory);
  if (control.EVENTQ_PROD !== 0 || control.EVENTQ_CONS !== 0)
    change(vmm, index, { EVENTQ_PROD: 0, EVENTQ_CONS: 0 });
  return records;
}
