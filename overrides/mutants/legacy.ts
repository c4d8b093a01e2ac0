import { table } from '../table.ts';

/** Rules of VFIO's old containers, broken on purpose. */
export const LEGACY_MUTANTS = table({
  'late-domain-left-empty': {
    kind: 'mutant',
    summary: 'a group that comes behind another IOMMU finds an empty domain',
    source: 'made up, to break container-requests-go-where-mapped',
    rules: { legacy: { lateDomainIsFilled: false } },
  },
  'nesting-attribute-ignored': {
    kind: 'mutant',
    summary: 'the driver prefers stage 1 whatever the nesting attribute says',
    source: 'made up, to break nesting-container-leaves-stage-1',
    rules: { legacy: { stage: (_type, { stage1 }) => (stage1 ? 1 : 2) } },
  },
  'nesting-unmaps-as-v1': {
    kind: 'mutant',
    summary: 'a nesting container unmaps as TYPE1 does, and not as TYPE1v2',
    source: 'made up, to break nesting-container-acts-as-v2',
    rules: { legacy: { unmapRefusesBisection: (type) => type === 'type1v2' } },
  },
  'v2-unmaps-as-v1': {
    kind: 'mutant',
    summary: 'every container unmaps as TYPE1 does',
    source: 'made up, to break unmap-cuts-no-mapping',
    rules: { legacy: { unmapRefusesBisection: () => false } },
  },
  'group-viability-unchecked': {
    kind: 'mutant',
    summary: 'a group can be put into a container while a driver of the host has a device of it',
    source: 'made up, to break container-group-is-viable',
    rules: { legacy: { groupMustBeViable: false } },
  },
});
