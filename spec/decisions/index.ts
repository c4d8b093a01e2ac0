import { MIXED_HOSTS } from './mixed-hosts.ts';
import { MSI_DESIGNS_COMPARED } from './msi-designs.ts';
import { MSI_DOORBELLS } from './msi-doorbells.ts';
import { PASIDS } from './pasid.ts';
import type { DecisionRecord, Topic } from './record.ts';
import { VMM_FIELDS, VMM_PARENTS, VMMS_COMPARED } from './vmms.ts';
import { VSMMU_LIFE } from './vsmmu-life.ts';

export type { Alternative, DecisionRecord, DecisionSource, Topic } from './record.ts';

/** Every topic of the threads. */
export const TOPICS: readonly Topic[] = [
  {
    name: 'vsmmu',
    title: "Where a vSMMU's registers come from",
    records: [...VSMMU_LIFE, ...MIXED_HOSTS],
    scopes: ['one-vsmmu', 'mixed-host'],
    runs: 600,
  },
  {
    name: 'pasid',
    title: 'PASIDs, mediated devices, and what can be given to a guest',
    records: PASIDS,
    scopes: ['mdev', 'mdev-smmuv3', 'container'],
    runs: 400,
  },
  {
    name: 'msi',
    title: "Who maps the doorbell of a nested device's MSIs, and where",
    records: MSI_DOORBELLS,
    compared: MSI_DESIGNS_COMPARED,
    scopes: ['two-its', 'msi-layouts'],
    runs: 300,
  },
  {
    name: 'vmms',
    title: 'What three VMMs with a vSMMU on iommufd decided differently',
    records: VMMS_COMPARED,
    scopes: ['one-vsmmu', 'guest-words', 'odd-hosts'],
    runs: 600,
  },
  {
    name: 'vmm-parents',
    title: 'Whether the vSMMUs of a machine share a nesting parent',
    records: VMM_PARENTS,
    scopes: ['guest-words'],
    runs: 100,
  },
  {
    name: 'vmm-fields',
    title: 'Which fields of a pSMMU a VMM compares',
    records: VMM_FIELDS,
    scopes: ['one-vsmmu', 'mixed-host', 'odd-hosts'],
    runs: 400,
  },
];

/** Every decision record, by number. */
export const DECISIONS: readonly DecisionRecord[] = TOPICS.flatMap(({ records }) => records).sort(
  (a, b) => numberOf(a) - numberOf(b),
);

function numberOf({ id }: DecisionRecord): number {
  return Number(id.slice('D-'.length));
}
