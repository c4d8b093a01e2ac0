import { isPresent } from '../../model/vtd/driver/translation.ts';
import { followsVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The device that was taken away and found again. */
function rescanned({ effects }: Transition): number | null {
  for (const effect of effects) if (effect.kind === 'rescanned') return effect.device;
  return null;
}

export const rescanBlocksNoOther: StepProperty = {
  id: 'rescan-blocks-no-other',
  sentence:
    'When the host removes a device and finds it again, the entries of other devices stay as they are, also of those in its group.',
  source: 'iommu/vt-d: Fix RID2PASID setup/teardown failure',
  kind: 'step',
  appliesTo: (platform) => followsVtd(platform) && platform.devices.some(({ alias }) => alias !== undefined),
  brokenBy: 'vtd-aliases-share-pasid-table',
  violated(transition) {
    const device = rescanned(transition);
    if (device === null) return null;
    for (const effect of transition.effects) {
      if (effect.kind !== 'vtdWritten' || effect.device === device || isPresent(effect.words)) continue;
      const { devices } = transition.world.platform;
      return `${devices[effect.device]?.id} is blocked while ${devices[device]?.id} is taken away`;
    }
    return null;
  },
  witness(transition) {
    const device = rescanned(transition);
    const { devices } = transition.world.platform;
    return (
      device !== null &&
      devices.some(({ group }, other) => other !== device && group === devices[device]?.group)
    );
  },
};
