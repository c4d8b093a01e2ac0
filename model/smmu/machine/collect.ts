import type { Access } from '../architecture/access.ts';
import type { Fault } from '../architecture/outcome.ts';
import { eventWords, type Phase, report } from '../architecture/report.ts';
import { smmuArchitectureIntended } from '../architecture/rules.ts';
import type { DmaOutcome } from './outcome.ts';

/** The different outcomes of one access, in the order in which they were found. */
export interface Collected {
  readonly access: Access;
  readonly outcomes: Map<string, DmaOutcome>;
}

const PAGE_OFFSET = 0xfffn;
const ABORTS: DmaOutcome = Object.freeze({ kind: 'aborts' });

export function reaches({ access, outcomes }: Collected, page: number): void {
  const key = `p${page}`;
  if (outcomes.has(key)) return;
  outcomes.set(key, { kind: 'reaches', address: (BigInt(page) << 12n) | (access.address & PAGE_OFFSET) });
}

export function aborts({ outcomes }: Collected): void {
  outcomes.set('a', ABORTS);
}

/** The transaction is terminated; the event is recorded, unless the stage that refused keeps its faults to itself. */
export function faults(collected: Collected, fault: Fault, phase: Phase): void {
  const { access, outcomes } = collected;
  const { name, stage, class: faultClass, address, recorded } = fault;
  if (!recorded) {
    aborts(collected);
    return;
  }
  const key = `f${name}.${stage}.${faultClass}.${address}`;
  if (outcomes.has(key)) return;
  const outcome = report(fault, access, phase, smmuArchitectureIntended);
  if (outcome.kind === 'fault')
    outcomes.set(key, { kind: 'faults', event: eventWords(outcome.event, smmuArchitectureIntended) });
}
