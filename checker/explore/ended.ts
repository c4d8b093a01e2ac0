/** Why a search ended. `exhausted`: there is nothing that it has not seen; `decided`: every property was violated. */
export type Ended = 'exhausted' | 'decided' | 'depth' | 'states' | 'time' | 'memory' | 'interrupt';

/** How the scopes of an exploration ended. */
interface Ends {
  readonly scopes: readonly { readonly ended: Ended; readonly complete: boolean }[];
}

/** Whether every scope about which something was still open was seen whole: what holds then holds in every state that its alphabet leads to. */
export function isComplete({ scopes }: Ends): boolean {
  return scopes.every(({ complete, ended }) => complete || ended === 'decided');
}

/** What can cut an exploration short. */
export type Cut = Exclude<Ended, 'exhausted' | 'decided' | 'depth'>;

/** Whether a search did not get as far as it was meant to: a depth is a plan that was carried out, every other limit is not. */
export function isCut(ended: Ended): ended is Cut {
  return ended !== 'exhausted' && ended !== 'decided' && ended !== 'depth';
}

/** What cut an exploration short. */
export function stoppedBy({ scopes }: Ends): Cut | null {
  for (const { ended } of scopes) if (isCut(ended)) return ended;
  return null;
}
