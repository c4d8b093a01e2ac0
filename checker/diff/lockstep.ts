import { bootWorld } from '../../model/boot.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Rules } from '../../model/rules.ts';
import { sameState } from '../../model/world/equal.ts';
import type { World } from '../../model/world/world.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { attempt } from '../attempt.ts';

/** The rules of two designs. */
export type RulesPair = readonly [Rules, Rules];

/**
 * Two worlds that the same calls have led to under two designs, with equal answers so far: what the calls named is
 * therefore the same in both.
 */
export interface Lockstep {
  readonly worlds: readonly [World, World];
  readonly bindings: Bindings;
}

export function startTogether(scope: Scope): Lockstep {
  const world = bootWorld(scope.platform);
  return { worlds: [world, world], bindings: NO_BINDINGS };
}

/** Makes a call in both worlds; null where the answers differ. */
export function stepTogether({ worlds, bindings }: Lockstep, call: Call, rules: RulesPair): Lockstep | null {
  const command = resolveCall(call, bindings);
  const first = attempt(worlds[0], command, rules[0]);
  const second = attempt(worlds[1], command, rules[1]);
  if (!sameState(first.result, second.result)) return null;
  return { worlds: [first.world, second.world], bindings: bindResult(call, first.result, bindings) };
}

/** After how many of these calls the answers differ for the first time; null where they never do. */
export function callsToDifference(scope: Scope, rules: RulesPair, calls: readonly Call[]): number | null {
  let at = startTogether(scope);
  for (const [index, call] of calls.entries()) {
    const next = stepTogether(at, call, rules);
    if (next === null) return index + 1;
    at = next;
  }
  return null;
}
