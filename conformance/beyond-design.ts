import { composeRules, type Override, type Rules } from '../model/rules.ts';

/** Rules under which a system is followed of which more is known than a design expects. */
export interface BeyondDesign {
  readonly design: readonly Override[];
  /** What the design expects. */
  readonly own: Rules;
  /** What the system is known to be. */
  readonly real: Rules;
  /** What is known of it beyond the design. */
  readonly suspects: readonly Override[];
}

const COMPOSED = new WeakMap<readonly Override[], WeakMap<readonly Override[], BeyondDesign>>();

/** The rules of a design, and those of a system of which `known` is known; the same ones for the same lists. */
export function beyondDesign(design: readonly Override[], known: readonly Override[]): BeyondDesign {
  const ofKnown = COMPOSED.get(known) ?? new WeakMap<readonly Override[], BeyondDesign>();
  COMPOSED.set(known, ofKnown);
  const rules = ofKnown.get(design) ?? compose(design, known);
  ofKnown.set(design, rules);
  return rules;
}

function compose(design: readonly Override[], known: readonly Override[]): BeyondDesign {
  const own = composeRules(design);
  const suspects = known.filter((each) => !design.includes(each));
  const real = suspects.length === 0 ? own : composeRules([...design, ...suspects]);
  return { design, own, real, suspects };
}

const WITH = new WeakMap<readonly Override[], Map<string, Rules>>();

/** The rules of a design with some of what is known beyond it. */
export function rulesWith(design: readonly Override[], chosen: readonly Override[]): Rules {
  const known = WITH.get(design) ?? new Map<string, Rules>();
  WITH.set(design, known);
  const key = chosen.map(({ name }) => name).join();
  const rules = known.get(key) ?? composeRules([...design, ...chosen]);
  known.set(key, rules);
  return rules;
}
