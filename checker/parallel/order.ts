import { ALL_PROPERTIES } from '../../properties/index.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import type { CheckPlan } from '../plan.ts';
import { type ScopeOrder, scopeOfOrder } from '../platform/select.ts';
import type { Stretch } from '../random/explorer.ts';
import { selectRules } from '../select/rules.ts';

/** What to check, by name: a thread can be told no more. */
export interface Order {
  readonly designs: readonly string[];
  readonly defects: readonly string[];
  readonly scopes: readonly ScopeOrder[];
  readonly properties: readonly string[];
  readonly seed: number;
  readonly runs: number;
  readonly steps: number;
  readonly timeLimit: number | null;
}

/** Runs to make. `late`: the moment (ms since the epoch) from which no further run is begun. */
export interface Task {
  readonly from: number;
  readonly to: number;
  /** Ids of the properties that these runs do not look at. */
  readonly settled: readonly string[];
  readonly late: number | null;
}

/** What a thread says of a task: what the runs gave, or why there is nothing. */
export type Answer =
  | { readonly stretch: Stretch }
  | { readonly from: number; readonly usage: boolean; readonly message: string };

/**
 * The plan that an order stands for.
 * @throws UsageError where it names what there is not.
 */
export async function planOf(order: Order): Promise<CheckPlan> {
  const selection = await selectRules(order.designs, order.defects);
  const { seed, runs, steps, timeLimit } = order;
  return {
    scopes: order.scopes.map(scopeOfOrder),
    properties: [...ALL_PROPERTIES, ...selection.properties].filter(({ id }) =>
      order.properties.includes(id),
    ),
    selection,
    generate: generateCall,
    seed,
    runs,
    steps,
    timeLimit,
  };
}
