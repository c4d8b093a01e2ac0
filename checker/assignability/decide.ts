import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { step } from '../../model/step.ts';
import type { World } from '../../model/world/world.ts';
import { PASID_PROPERTIES } from '../../properties/pasid/index.ts';
import type { Property, StateProperty, StepProperty } from '../../properties/property.ts';
import { assignabilityScope } from '../../workload/scopes/assignability.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { recordTrace } from '../record.ts';
import { withoutDefaults } from '../simpler.ts';
import type { Trace } from '../trace/trace.ts';
import { callsIn } from './calls.ts';
import { Fingerprints } from './fingerprints.ts';
import { isInUse, requestsInUse } from './in-use.ts';
import type { Question } from './question.ts';
import { obliging } from './selection.ts';

/**
 * `works`: every property holds in every state, and there is one in which all that the cell asks for is in use.
 * `breaks`: some sequence of commands violates a property. `out of reach`: none does, but that state does not exist.
 */
export type Verdict = 'works' | 'breaks' | 'out of reach';

export interface Answer {
  readonly question: Question;
  readonly verdict: Verdict;
  /**
   * A shortest sequence of commands: to a state with everything in use, with requests that show it; to the violation;
   * or to the first refusal (null where nothing is refused either).
   */
  readonly trace: Trace | null;
  /** Distinct states, and the commands tried in them. */
  readonly states: number;
  readonly transitions: number;
}

interface Node {
  readonly world: World;
  readonly call: Call | null;
  readonly from: Node | null;
}

const STATE = PASID_PROPERTIES.filter((each): each is StateProperty => each.kind === 'state');
const STEP = PASID_PROPERTIES.filter((each): each is StepProperty => each.kind === 'step');

/**
 * Looks at every sequence of commands of a cell, breadth first, each state once. The same question has the same answer.
 */
export function decide(question: Question): Answer {
  const scope = assignabilityScope(question.hardware);
  const fingerprints = new Fingerprints();
  const boot = bootWorld(scope.platform);
  const keyOf = (world: World): number => fingerprints.of(world.pasids ?? {});
  const seen = new Set([keyOf(boot)]);
  let transitions = 0;
  let inUse: Node | null = null;
  let refusal: Node | null = null;
  const answer = (verdict: Verdict, trace: Trace | null): Answer => {
    return { question, verdict, trace, states: seen.size, transitions };
  };
  let layer: readonly Node[] = [{ world: boot, call: null, from: null }];
  while (layer.length > 0) {
    const next: Node[] = [];
    for (const node of layer) {
      for (const call of callsIn(node.world, question)) {
        transitions++;
        const command = resolveCall(call, NO_BINDINGS);
        const done = step(node.world, command, obliging.rules);
        const reached: Node = { world: done.world, call, from: node };
        if (!done.result.ok) {
          refusal ??= reached;
          continue;
        }
        const transition = { before: node.world, command, ...done };
        for (const property of STEP)
          if (property.violated(transition) !== null)
            return answer('breaks', violation(scope, reached, property));
        if (done.world === node.world) continue;
        const key = keyOf(done.world);
        if (seen.has(key)) continue;
        seen.add(key);
        for (const property of STATE)
          if (property.violated(done.world) !== null)
            return answer('breaks', violation(scope, reached, property));
        if (inUse === null && isInUse(done.world, question)) inUse = reached;
        next.push(reached);
      }
    }
    layer = next;
  }
  if (inUse === null) return answer('out of reach', refusal === null ? null : shown(scope, callsTo(refusal)));
  return answer('works', shown(scope, [...callsTo(inUse), ...requestsInUse(inUse.world, question)]));
}

function callsTo(node: Node): readonly Call[] {
  const calls: Call[] = [];
  for (let at: Node | null = node; at !== null && at.call !== null; at = at.from)
    calls.push(withoutDefaults(at.call));
  return calls.reverse();
}

function violation(scope: Scope, node: Node, property: Property): Trace {
  return recordTrace(scope, obliging, callsTo(node), { property, guarantee: 'shortest' });
}

function shown(scope: Scope, calls: readonly Call[]): Trace {
  return recordTrace(scope, obliging, calls, null);
}
