import type { World } from '../../model/world/world.ts';
import { hex } from '../look.ts';
import { findsDevices } from '../platforms.ts';
import type { StepProperty } from '../property.ts';

/** What devices behind an IOMMU no longer have of what the firmware says of them: their StreamIDs and their regions. */
function lostBehind({ platform, iommus }: World, iommu: number): string | null {
  const { streams = [], direct = [], refused = [] } = iommus[iommu]?.probed ?? {};
  for (const [
    device,
    { id, group, streamIds, firmwareRegions = [], ...hardware },
  ] of platform.devices.entries()) {
    if (hardware.iommu !== iommu || refused.includes(device)) continue;
    const sid = streamIds.find(
      (each) => !streams.some((stream) => stream.sid === each && stream.device === device),
    );
    if (sid !== undefined) return `StreamID ${sid} of ${id} leads nowhere`;
    for (const { start } of firmwareRegions) {
      const mapped = direct.filter((each) => each.group === group && each.start === start).length;
      if (mapped !== 1)
        return `the region at ${hex(start)}, which the firmware gives ${id}, is mapped ${mapped} times`;
    }
  }
  return null;
}

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
      const lost = lostBehind(world, iommu);
      if (lost !== null) return `${id} was found again, and ${lost}`;
    }
    return null;
  },
  witness: ({ effects }) => effects.some(({ kind }) => kind === 'rescanned'),
};
