import { endsOf, orderOf } from '../recorder/order.ts';
import type { Told } from '../recorder/translator.ts';
import type { Cdevs } from './process.ts';
import type { EndsFrom, Tracker } from './tracker.ts';

/**
 * The order in which calls that ran at the same time are followed: one in which the design gives every answer, else one in which
 * the real system with its known deviations does, else the one in which that comes furthest. Where calls come between the parts of
 * others they cannot be followed one by one (`inParts`): `Tracker.followTogether` does it.
 */
export function orderFor(calls: readonly Told[], tracker: Tracker, cdevs: Cdevs): ReturnType<typeof orderOf> {
  if (calls.length < 2) return { calls, explains: true };
  const { expectedSystem, expectedRules, system, realRules } = tracker;
  const expected = orderOf(calls, expectedSystem, expectedRules, cdevs);
  return expected.explains || realRules === expectedRules
    ? expected
    : orderOf(calls, system, realRules, cdevs);
}

/** Where they can have led, whatever the order. */
export function endsFor(calls: readonly Told[], cdevs: Cdevs): EndsFrom {
  return (system, rules) => endsOf(calls, system, rules, cdevs);
}
