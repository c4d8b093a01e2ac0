import { findsDevices } from '../platforms.ts';
import type { StepProperty } from '../property.ts';

export const oneCdTableEach: StepProperty = {
  id: 'one-cd-table-each',
  sentence: 'A device that the host removes and probes again has one CD table. The one from before is freed.',
  source: 'iommu/arm-smmu-v3: Do not use devm for the cd table allocations (2024)',
  kind: 'step',
  brokenBy: 'cd-table-outlives-device',
  appliesTo: findsDevices,
  violated({ effects, world }) {
    for (const effect of effects) {
      if (effect.kind !== 'rescanned') continue;
      const { id, iommu = 0 } = world.platform.devices[effect.device] ?? {};
      const tables = world.iommus[iommu]?.probed?.cdTables.filter((device) => device === effect.device) ?? [];
      if (tables.length > 1)
        return `${id} has a table of CDs, and ${tables.length - 1} from before is still there`;
    }
    return null;
  },
  witness: ({ effects }) => effects.some(({ kind }) => kind === 'rescanned'),
};
