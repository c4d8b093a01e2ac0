import { DECLARED } from './machines.ts';
import { intendedOf } from './world/declare.ts';
import type { Rules } from './world/rules.ts';

export type { Rules } from './world/rules.ts';

/** Other answers of some decision points. */
export type RuleChanges = { readonly [Machine in keyof Rules]?: Partial<Rules[Machine]> };

/** A named, documented change of the rules. */
export interface Override {
  /** kebab-case, unique over all overrides. */
  readonly name: string;
  readonly kind: 'design' | 'deviation' | 'defect' | 'mutant';
  /** One sentence: what is different. */
  readonly summary: string;
  /** Where this comes from: a thread, a commit, a recording, a section of a document. */
  readonly source: string;
  /** A defect's: the property that must find it. */
  readonly foundBy?: string;
  readonly rules: RuleChanges;
}

/** The names of the rules, a machine's or a part of it. */
export const RULE_NAMES = Object.keys(DECLARED) as readonly (keyof Rules)[];

type Changed = Pick<Override, 'rules'> & Partial<Override>;

const INTENDED = RULE_NAMES.map((name) => [name, intendedOf(DECLARED[name])] as const);

/**
 * The intended rules with overrides on top; later ones win. All composed rules are objects of one shape, and those that
 * nothing changes are the intended ones themselves: replays compose rules by the thousand.
 */
export function composeRules(overrides: readonly Changed[]): Rules {
  const all = INTENDED.map(([name, own]) => {
    const changes = overrides.flatMap(({ rules }) => rules[name] ?? []);
    return [name, changes.length === 0 ? own : Object.freeze(Object.assign({}, own, ...changes))] as const;
  });
  return Object.freeze(Object.fromEntries(all)) as unknown as Rules;
}

/** What the interface's documentation and the architecture promise. */
export const intended: Rules = composeRules([]);
