import { bootWorld } from '../../model/boot.ts';
import { bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { sameState } from '../../model/world/equal.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import { explorationFor } from '../../workload/alphabet/index.ts';
import { attempt } from '../attempt.ts';
import type { Setting } from '../run.ts';
import type { Bound } from '../trace/trace.ts';
import { OwnCommands } from './own-commands.ts';

/** What a trace is to be the shortest of, and the name under which its bound says so. */
export interface Compared {
  readonly exploration: Exploration;
  readonly alphabet: Bound['alphabet'];
}

const ANY = Number.POSITIVE_INFINITY;

/** Own commands make no more of anything than the trace has of it, so nothing else needs to bound them. */
const AS_THE_TRACE = { iommufd: ANY, ioas: ANY, hwpt: ANY, viommu: ANY, veventq: ANY, fault: ANY } as const;

/**
 * The sequences that a trace is compared with. Every command of the trace is one of theirs, or being shorter than
 * all of them would say nothing: what exploration tries on the scope, where the scope is explored, and each
 * command of the trace that is not among that, on any objects. Null where a command is on an id that is no longer
 * anything: states do not tell such ids apart.
 */
export function explorationOf({ scope, rules }: Setting, calls: readonly Call[]): Compared | null {
  const named = explorationFor(scope) ?? null;
  const explored = named !== null && named.prelude.length === 0 ? named : null;
  let world = bootWorld(scope.platform);
  const own = new OwnCommands(world);
  let bindings = NO_BINDINGS;
  let within = true;
  for (const call of calls) {
    const command = resolveCall(call, bindings);
    const isTried = explored?.alphabet(world).some((each) => sameState(each, command)) ?? false;
    if (!isTried && !own.add(world, command)) return null;
    const done = attempt(world, command, rules);
    bindings = bindResult(call, done.result, bindings);
    world = done.world;
    own.allow(world);
    if (explored !== null && !explored.within(world)) within = false;
  }
  if (explored !== null && own.isEmpty && within) return { exploration: explored, alphabet: 'explored' };
  const exploration: Exploration = {
    scope,
    prelude: [],
    alphabet:
      explored === null ? own.alphabet : (here) => [...explored.alphabet(here), ...own.alphabet(here)],
    most: AS_THE_TRACE,
    within: (here) => !within || (explored?.within(here) ?? true),
    events: true,
    // The trace's own commands name devices, pSMMUs and processes.
    interchangeable: false,
  };
  return { exploration, alphabet: explored === null ? 'own' : 'explored' };
}
