import { accessesIntended, accessesPoints } from './accesses/rules.ts';
import { hostIntended, hostPoints } from './host/rules.ts';
import { iommufdIntended, iommufdPoints } from './iommufd/rules.ts';
import { legacyIntended, legacyPoints } from './legacy/rules.ts';
import { msiIntended, msiPoints } from './msi/rules.ts';
import { pageRequestsIntended, pageRequestsPoints } from './page-requests/rules.ts';
import { pasidIntended, pasidPoints } from './pasid/rules.ts';
import { smmuArchitectureIntended, smmuArchitecturePoints } from './smmu/architecture/rules.ts';
import { smmuDriverIntended, smmuDriverPoints } from './smmu/driver/rules.ts';
import { smmuMachineIntended, smmuMachinePoints } from './smmu/machine/rules.ts';
import { vmmIntended, vmmPoints } from './vmm/rules.ts';
import { vtdArchitectureIntended, vtdArchitecturePoints } from './vtd/architecture/rules.ts';
import { vtdIntended, vtdPoints } from './vtd/driver/rules.ts';
import type { Declarations } from './world/declare.ts';
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

/** How they are declared: each with its kind, what is intended, and a sentence. */
export const DECLARED: { readonly [Machine in keyof Rules]: Declarations } = {
  iommufd: iommufdPoints,
  accesses: accessesPoints,
  pageRequests: pageRequestsPoints,
  msi: msiPoints,
  pasid: pasidPoints,
  legacy: legacyPoints,
  host: hostPoints,
  vmm: vmmPoints,
  smmuDriver: smmuDriverPoints,
  smmuMachine: smmuMachinePoints,
  smmuArchitecture: smmuArchitecturePoints,
  vtd: vtdPoints,
  vtdArchitecture: vtdArchitecturePoints,
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
