import type { Call } from '../../model/call.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { type Alphabet, callKey } from './alphabet.ts';
import { type Lockstep, type RulesPair, startTogether, stepTogether } from './lockstep.ts';
import { Pairs } from './pairs.ts';

/** What a search for the shortest difference found, and how far it can be trusted. */
export interface Searched {
  /** The calls to the difference; null where none was found. */
  readonly calls: readonly Call[] | null;
  /** Every sequence of the alphabet with up to this many calls was looked at. */
  readonly depth: number;
  /** No world in the sequences of that depth, or of the difference but its last call, had more calls than were enumerated. */
  readonly complete: boolean;
  /** Pairs of worlds told apart. */
  readonly worlds: number;
  /** `depth`: as deep as asked; `exhausted`: there is nothing deeper; `cut`: it had to end before. */
  readonly ended: 'found' | 'depth' | 'exhausted' | 'cut';
}

export interface SearchPlan {
  readonly scope: Scope;
  readonly rules: RulesPair;
  readonly alphabet: Alphabet;
  /** The scope made finite, if it is; the alphabet is then what it tries. */
  readonly exploration: Exploration | null;
  /** Calls in the longest sequences to look at. */
  readonly depth: number;
}

/** A pair of worlds, and how it was come to. */
interface Node {
  readonly at: Lockstep;
  readonly call: Call | null;
  readonly from: Node | null;
}

/**
 * Breadth first over the pairs of worlds that two designs come to by the same calls, each pair once. `goesOn` is asked
 * before each pair. The first difference found is the shortest over the alphabet, where that is complete.
 */
export async function searchDifference(
  plan: SearchPlan,
  goesOn: (depth: number, worlds: number) => Promise<boolean>,
): Promise<Searched> {
  const { scope, rules, alphabet } = plan;
  const pairs = new Pairs(plan.exploration);
  const start = startTogether(scope);
  const seen = new Set([pairs.keyOf(start.worlds)]);
  let frontier: readonly Node[] = [{ at: start, call: null, from: null }];
  // Whether the alphabets above the layer at hand were complete: on them it depends that there is nothing shorter.
  let complete = true;
  for (let depth = 0; ; depth++) {
    const end = { calls: null, depth, complete, worlds: seen.size };
    if (frontier.length === 0) return { ...end, ended: 'exhausted' };
    if (depth >= plan.depth) return { ...end, ended: 'depth' };
    const layer: Node[] = [];
    let layerComplete = true;
    for (const node of frontier) {
      if (!(await goesOn(depth, seen.size))) return { ...end, worlds: seen.size, ended: 'cut' };
      const tried = callsAt(node.at, scope, alphabet);
      if (!tried.complete) layerComplete = false;
      for (const call of tried.all) {
        const next = stepTogether(node.at, call, rules);
        if (next === null)
          return { ...end, calls: [...callsTo(node), call], worlds: seen.size, ended: 'found' };
        if (next.worlds[0] === node.at.worlds[0] && next.worlds[1] === node.at.worlds[1]) continue;
        // Pairs at the last depth are not gone on from.
        if (depth + 1 >= plan.depth) continue;
        const worlds = pairs.joined(next.worlds);
        if (!pairs.isWithin(worlds)) continue;
        const key = pairs.keyOf(worlds);
        if (seen.has(key)) continue;
        seen.add(key);
        layer.push({ at: { ...next, worlds }, call, from: node });
      }
    }
    if (!layerComplete) complete = false;
    frontier = depth + 1 < plan.depth ? layer : frontier;
  }
}

/** What can be called in either world. */
function callsAt({ worlds, bindings }: Lockstep, scope: Scope, alphabet: Alphabet): ReturnType<Alphabet> {
  const first = alphabet(scope, worlds[0], bindings);
  if (worlds[0] === worlds[1]) return first;
  const second = alphabet(scope, worlds[1], bindings);
  const known = new Set(first.all.map(callKey));
  const all = [...first.all, ...second.all.filter((call) => !known.has(callKey(call)))];
  return { all, complete: first.complete && second.complete };
}

function callsTo(node: Node): readonly Call[] {
  const calls: Call[] = [];
  for (let at: Node | null = node; at?.call != null; at = at.from) calls.push(at.call);
  return calls.reverse();
}
