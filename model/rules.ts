import { accessesIntended } from './accesses/rules.ts';
import { hostIntended } from './host/rules.ts';
import { iommufdIntended } from './iommufd/rules.ts';
import { legacyIntended } from './legacy/rules.ts';
import { msiIntended } from './msi/rules.ts';
import { pageRequestsIntended } from './page-requests/rules.ts';
import { pasidIntended } from './pasid/rules.ts';
import { smmuArchitectureIntended } from './smmu/architecture/rules.ts';
import { smmuDriverIntended } from './smmu/driver/rules.ts';
import { smmuMachineIntended } from './smmu/machine/rules.ts';
import { vmmIntended } from './vmm/rules.ts';
import { vtdArchitectureIntended } from './vtd/architecture/rules.ts';
import { vtdIntended } from './vtd/driver/rules.ts';
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

const INTENDED: Rules = {
  iommufd: iommufdIntended,
  accesses: accessesIntended,
  pageRequests: pageRequestsIntended,
  msi: msiIntended,
  pasid: pasidIntended,
  legacy: legacyIntended,
  host: hostIntended,
  vmm: vmmIntended,
  smmuDriver: smmuDriverIntended,
  smmuMachine: smmuMachineIntended,
  smmuArchitecture: smmuArchitectureIntended,
  vtd: vtdIntended,
  vtdArchitecture: vtdArchitectureIntended,
};

/** The machines that have decision points. */
export const MACHINES = Object.keys(INTENDED) as readonly (keyof Rules)[];

type Changed = Pick<Override, 'rules'> & Partial<Override>;

/** The intended rules with overrides on top; later ones win. All composed rules are objects of one shape. */
export function composeRules(overrides: readonly Changed[]): Rules {
  const machines = MACHINES.map((machine) => {
    const changes = overrides.map(({ rules }) => rules[machine]);
    return [machine, Object.freeze(Object.assign({}, INTENDED[machine], ...changes))] as const;
  });
  return Object.freeze(Object.fromEntries(machines)) as unknown as Rules;
}

/** What the interface's documentation and the architecture promise. */
export const intended: Rules = composeRules([]);
