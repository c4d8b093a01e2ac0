import { findsDevices } from '../platforms.ts';
import type { StepProperty } from '../property.ts';

export const foundAgainIsUsable: StepProperty = {
  id: 'found-again-is-usable',
  sentence:
    'A device that the host removes and probes again is behind its IOMMU as before. The driver copes with state that the device or its group left.',
  source: 'iommu/arm-smmu-v3: Fix iommu_device_probe bug due to duplicated stream ids (b00d24997a11)',
  kind: 'step',
  brokenBy: 'repeated-stream-refused',
  appliesTo: findsDevices,
  violated({ effects, world }) {
    for (const effect of effects) {
      if (effect.kind !== 'rescanned') continue;
      const { id, iommu = 0 } = world.platform.devices[effect.device] ?? {};
      if (world.iommus[iommu]?.probed?.refused.includes(effect.device) === true)
        return `${id} was found again, and the driver of its IOMMU does not take it`;
    }
    return null;
  },
  witness: ({ effects }) => effects.some(({ kind }) => kind === 'rescanned'),
};
