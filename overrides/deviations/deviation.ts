import type { Override, RuleChanges } from '../../model/rules.ts';

/** A named way in which some implementation departs, at these parts of the rules. */
export interface Deviation<Parts extends keyof RuleChanges> extends Override {
  readonly kind: 'deviation';
  readonly rules: Required<Pick<RuleChanges, Parts>>;
}

/** Deviations of one implementation, which are known from one place; `where` says where in it. */
export function deviationsOf<Parts extends keyof RuleChanges>(from: string) {
  return (
    name: string,
    summary: string,
    where: string,
    rules: Required<Pick<RuleChanges, Parts>>,
  ): Deviation<Parts> => ({ name, kind: 'deviation', summary, source: `${from}${where}`, rules });
}
