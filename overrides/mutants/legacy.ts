import { table } from '../table.ts';

/** Rules of VFIO's old containers, broken on purpose. */
export const LEGACY_MUTANTS = table({
  'late-domain-left-empty': {
    kind: 'mutant',
    summary: "a group behind another IOMMU gets a new domain without the container's mappings",
    source: 'made up, to break container-requests-go-where-mapped',
    rules: { legacy: { lateDomainIsFilled: false } },
  },
  'nesting-attribute-ignored': {
    kind: 'mutant',
    summary: 'the driver prefers stage 1 even if the nesting attribute is set',
    source: 'made up, to break nesting-container-leaves-stage-1',
    rules: { legacy: { stage: (_type, { stage1 }) => (stage1 ? 1 : 2) } },
  },
  'nesting-unmaps-as-v1': {
    kind: 'mutant',
    summary: 'a nesting container unmaps as TYPE1 does, not as TYPE1v2',
    source: 'made up, to break nesting-container-acts-as-v2',
    rules: { legacy: { unmapRefusesBisection: (type) => type === 'type1v2' } },
  },
  'v2-unmaps-as-v1': {
    kind: 'mutant',
    summary: 'every container unmaps as TYPE1 does, also a TYPE1v2 one',
    source: 'made up, to break unmap-cuts-no-mapping',
    rules: { legacy: { unmapRefusesBisection: () => false } },
  },
  'group-viability-unchecked': {
    kind: 'mutant',
    summary: 'a group can be put into a container while a host driver is bound to one of its devices',
    source: 'made up, to break container-group-is-viable',
    rules: { legacy: { groupMustBeViable: false } },
  },
});
