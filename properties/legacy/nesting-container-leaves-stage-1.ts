import { iommuOf } from '../../model/legacy/machine.ts';
import { hasContainers } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { domainsIn } from './look.ts';

export const nestingContainerLeavesStage1: StateProperty = {
  id: 'nesting-container-leaves-stage-1',
  sentence:
    'DMA_MAP on a nesting container fills stage 2 if the SMMU has one. On any other container it fills stage 1.',
  source:
    'seed 002, Jean-Philippe Brucker: "DMA_MAP ioctl on a NESTING container would populate second-level, and DMA_MAP on a normal container populates first-level"',
  kind: 'state',
  appliesTo: hasContainers,
  brokenBy: 'nesting-attribute-ignored',
  violated(world) {
    for (const { container, domain, platform } of domainsIn(world)) {
      const { name, stage1, stage2 } = iommuOf(platform, domain.iommu);
      const wanted = container.type === 'nesting' ? 2 : 1;
      const has = wanted === 2 ? stage2 : stage1;
      if (has && domain.stage !== wanted)
        return `a ${container.type} container fills stage ${domain.stage} of ${name}`;
    }
    return null;
  },
  witness: (world) =>
    domainsIn(world).some(
      ({ container, domain, platform }) =>
        container.type === 'nesting' && iommuOf(platform, domain.iommu).stage2,
    ),
};
