import { type AccessesRules, accessesIntended, accessesPoints } from './accesses/rules.ts';
import type { Declarations } from './declare.ts';
import { type HostRules, hostIntended, hostPoints } from './host/rules.ts';
import { type IommufdRules, iommufdIntended, iommufdPoints } from './iommufd/rules.ts';
import { type LegacyRules, legacyIntended, legacyPoints } from './legacy/rules.ts';
import { type MsiRules, msiIntended, msiPoints } from './msi/rules.ts';
import { type PageRequestsRules, pageRequestsIntended, pageRequestsPoints } from './page-requests/rules.ts';
import { type PasidRules, pasidIntended, pasidPoints } from './pasid/rules.ts';
import {
  type SmmuArchitectureRules,
  smmuArchitectureIntended,
  smmuArchitecturePoints,
} from './smmu/architecture/rules.ts';
import { type SmmuDriverRules, smmuDriverIntended, smmuDriverPoints } from './smmu/driver/rules.ts';
import { type SmmuMachineRules, smmuMachineIntended, smmuMachinePoints } from './smmu/machine/rules.ts';
import { type VmmRules, vmmIntended, vmmPoints } from './vmm/rules.ts';
import { type VtdRules, vtdIntended, vtdPoints } from './vtd/driver/rules.ts';

/**
 * The decision points, by machine: every place where designs disagree, where a real system departs from its documented
 * interface, or where a real bug was. Each is a value, or a pure function where the answer depends on something, and is declared in its machine's rules.ts;
 * `intended` is what the documentation and the architecture promise. Designs, deviations and defects override some of
 * them and nothing else.
 */
export interface Rules {
  readonly iommufd: IommufdRules;
  readonly accesses: AccessesRules;
  readonly pageRequests: PageRequestsRules;
  readonly msi: MsiRules;
  readonly pasid: PasidRules;
  readonly legacy: LegacyRules;
  readonly host: HostRules;
  readonly vmm: VmmRules;
  readonly smmuDriver: SmmuDriverRules;
  readonly smmuMachine: SmmuMachineRules;
  readonly smmuArchitecture: SmmuArchitectureRules;
  readonly vtd: VtdRules;
}

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
