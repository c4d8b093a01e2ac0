/** Why a search ended. `exhausted`: there is nothing that it has not seen. */
export type Ended = 'exhausted' | 'depth' | 'states' | 'time' | 'memory' | 'interrupt';

/** How the scopes of an exploration ended. */
interface Ends {
  readonly scopes: readonly { readonly ended: Ended; readonly complete: boolean }[];
}

/** Whether every scope was seen whole: what holds then holds in every state that its alphabet leads to. */
export function isComplete({ scopes }: Ends): boolean {
  return scopes.every(({ complete }) => complete);
}

/** What cut an exploration short: a depth is a plan that was carried out, every other limit is not. */
export function stoppedBy({ scopes }: Ends): Exclude<Ended, 'exhausted' | 'depth'> | null {
  for (const { ended } of scopes) if (ended !== 'exhausted' && ended !== 'depth') return ended;
  return null;
}
