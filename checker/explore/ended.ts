import type { ExploreReport } from './explore.ts';
import type { Ended } from './part.ts';

/** Whether every scope was seen whole: what holds then holds in every state that its alphabet leads to. */
export function isComplete({ scopes }: ExploreReport): boolean {
  return scopes.every(({ complete }) => complete);
}

/** What cut an exploration short: a depth is a plan that was carried out, every other limit is not. */
export function stoppedBy({ scopes }: ExploreReport): Exclude<Ended, 'exhausted' | 'depth'> | null {
  for (const { ended } of scopes) if (ended !== 'exhausted' && ended !== 'depth') return ended;
  return null;
}
