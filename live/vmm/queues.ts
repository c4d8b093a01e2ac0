import { COMMAND_WORDS, isStopped, SYNC } from '../../model/vmm/queue.ts';
import { isEmpty, isFull, next, type Ring, ringOf, slotAt } from '../../model/vmm/ring.ts';
import type { Vsmmu } from '../../model/vmm/vm.ts';
import type { Words } from '../../model/world/command.ts';
import type { Bench } from './bench.ts';
import { hexOf } from './planned.ts';

/*
 * A guest's driver at its queues. Which slot is next is known from the registers as the model has them.
 */

const RECORD_WORDS = 4;

function commandRing({ rules }: Bench, { control: { CMDQ_BASE, CMDQ_PROD, CMDQ_CONS } }: Vsmmu): Ring {
  return ringOf(CMDQ_BASE, CMDQ_PROD, CMDQ_CONS, rules.vmm.queuesAreAligned);
}

/** Puts commands into the command queue, as many as it has room for, and looks how far they came. */
export function issue(bench: Bench, index: number, words: Words): void {
  const vsmmu = bench.vsmmu(index);
  if (vsmmu === null) return;
  const ring = commandRing(bench, vsmmu);
  let { prod } = ring;
  for (let at = 0; at + 1 < words.length && !isFull({ ...ring, prod }); at += COMMAND_WORDS) {
    bench.store(slotAt(ring, prod, COMMAND_WORDS), words.slice(at, at + COMMAND_WORDS));
    prod = next(ring, prod);
  }
  bench.write(index, 'CMDQ_PROD', BigInt(prod));
  seeQueue(bench, index);
}

function seeQueue(bench: Bench, index: number): void {
  for (const register of ['CMDQ_CONS', 'GERROR']) bench.read(index, register);
}

/** A SYNC in the place of the command that stopped the queue, and the error acknowledged. */
export function acknowledge(bench: Bench, index: number): void {
  const vsmmu = bench.vsmmu(index);
  if (vsmmu === null) return;
  const { control } = vsmmu;
  const ring = commandRing(bench, vsmmu);
  if (isStopped(control)) bench.store(slotAt(ring, ring.cons, COMMAND_WORDS), SYNC);
  bench.write(index, 'GERRORN', BigInt(control.GERROR));
  seeQueue(bench, index);
}

/** Takes everything out of the event queue. */
export function takeEvents(bench: Bench, index: number): void {
  const vsmmu = bench.vsmmu(index);
  if (vsmmu === null) return;
  bench.read(index, 'EVENTQ_PROD');
  const { EVENTQ_BASE, EVENTQ_PROD, EVENTQ_CONS } = vsmmu.control;
  const ring = ringOf(EVENTQ_BASE, EVENTQ_PROD, EVENTQ_CONS, bench.rules.vmm.queuesAreAligned);
  if (isEmpty(ring)) return;
  bench.write(index, 'EVENTQ_CONS', BigInt(ring.prod));
  for (let at = ring.cons, left = 2 ** ring.log2Size; at !== ring.prod && left > 0; left--) {
    const operations = [`qtest read ${hexOf(slotAt(ring, at, RECORD_WORDS))} 0x20`];
    bench.see({ kind: 'event', vsmmu: index, index: at }, operations);
    at = next(ring, at);
  }
}
