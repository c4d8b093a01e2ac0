import type { Call } from '../../model/call.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { callsOf } from '../explore/calls.ts';
import { commandsTo } from '../explore/path.ts';
import { search } from '../explore/search.ts';
import { Space } from '../explore/space.ts';
import { minimise } from '../minimise.ts';
import { showsViolation } from '../random/engine.ts';
import { recordTrace, type Selection } from '../record.ts';
import type { Bound, Trace } from '../trace/trace.ts';
import { underOne } from '../watchdog.ts';
import { explorationOf } from './exploration-of.ts';

/** Calls that violate a property. */
export interface Shown {
  readonly scope: Scope;
  readonly selection: Selection;
  readonly property: Property;
  readonly calls: readonly Call[];
}

/** States behind which no longer sequences are begun. No time: the same trace has the same mark on every machine. */
export const STATES = 20_000;

/**
 * The trace of a counterexample with what is proved of its length. Exhaustive search over what it is compared with
 * (`explorationOf`) looks at all sequences of fewer commands, as far as `states` go. Where one of them violates
 * the property, that one, made 1-minimal, is the counterexample, and is compared anew: it has commands of its own.
 */
export async function shorten({ calls, ...about }: Shown, states: number): Promise<Trace> {
  for (let best = calls; ; ) {
    const { shorter, bound } = await compare({ ...about, calls: best }, states);
    if (shorter !== null) {
      best = shorter;
      continue;
    }
    const { scope, selection, property } = about;
    const guarantee = bound !== null && bound.depth >= best.length - 1 ? 'shortest' : '1-minimal';
    return recordTrace(scope, selection, best, {
      property,
      guarantee,
      ...(bound === null ? {} : { bound }),
    });
  }
}

async function compare(
  { scope, selection, property, calls }: Shown,
  states: number,
): Promise<{ readonly shorter: readonly Call[] | null; readonly bound: Bound | null }> {
  const setting = { scope, rules: selection.rules };
  // What compares whole runs is not decided by states. That no command at all shows it, 1-minimality says.
  if (property.kind === 'pair') return { shorter: null, bound: { depth: 0, alphabet: 'own' } };
  const compared = explorationOf(setting, calls);
  if (compared === null) return { shorter: null, bound: null };
  const { exploration, alphabet } = compared;
  const searched = await search({
    exploration,
    selection,
    properties: [property],
    symmetry: true,
    depth: calls.length - 1,
    maxStates: states,
    timeLimit: null,
    workers: 1,
    onlyFirst: true,
  });
  const [sighting] = searched.sightings;
  if (sighting === undefined) {
    // Where everything was seen, nothing longer shows it either: then it is for the trace's own length to tell.
    const depth = searched.ended === 'states' ? searched.depth : calls.length - 1;
    return { shorter: null, bound: { depth, alphabet } };
  }
  const space = new Space(exploration, selection.rules, true);
  const found = callsOf(setting, commandsTo(space, searched.visited, sighting.state, sighting.move));
  return { shorter: underOne(() => minimise(found, showsViolation(setting, property))), bound: null };
}
