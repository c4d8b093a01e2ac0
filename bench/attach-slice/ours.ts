import { search } from '../../checker/explore/search.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { attachSlice } from '../../properties/alphabet/attach-slice.ts';
import { type Pinned, sizeText } from './size.ts';

/** How our engine searches. */
export interface Way {
  readonly symmetry: boolean;
  readonly workers: number;
}

export const WAYS: readonly Way[] = [
  { symmetry: true, workers: 1 },
  { symmetry: true, workers: 2 },
  { symmetry: false, workers: 1 },
  { symmetry: false, workers: 2 },
];

/** What a search of ours came to. */
export interface Ours {
  readonly seconds: number;
  readonly bytesPerState: number;
}

/**
 * How long our engine takes to exhaust a size, through the real model: every transition is a `step` of it.
 * @throws Error where its counts are not the pinned ones.
 */
export async function oursOf(size: Pinned, { symmetry, workers }: Way): Promise<Ours> {
  const selection = await selectRules([], []);
  const unlimited = { depth: null, maxStates: null, timeLimit: null } as const;
  const plan = { exploration: attachSlice(size), selection, properties: [], symmetry, workers, ...unlimited };
  const started = performance.now();
  const { unreducedStates, transitions, states, bytesPerState } = await search(plan);
  const seconds = (performance.now() - started) / 1000;
  const whole = symmetry ? unreducedStates : states;
  if (whole !== size.states || transitions !== size.transitions)
    throw new Error(`we count ${whole} states and ${transitions} transitions of ${sizeText(size)}`);
  return { seconds, bytesPerState };
}
