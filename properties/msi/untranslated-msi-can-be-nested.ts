import type { StepProperty, Transition } from '../property.ts';
import { argsOf } from '../vmm/look.ts';
import { hasUntranslatedIts } from './platforms.ts';

/** A plug of a device whose MSIs no IOMMU translates: whether its attachment was refused; null for other steps. */
function plugged(transition: Transition): boolean | null {
  const args = argsOf(transition, 'plug');
  const { devices, its } = transition.before.platform;
  const device = devices.find(({ id }) => id === args?.device);
  if (device === undefined || its[device.its]?.untranslated !== true) return null;
  const attached = transition.effects.find(
    (effect) => effect.kind === 'vmmCall' && effect.command.command === 'vfioAttach',
  );
  return attached?.kind === 'vmmCall' ? !attached.result.ok : null;
}

export const untranslatedMsiCanBeNested: StepProperty = {
  id: 'untranslated-msi-can-be-nested',
  sentence: "A device whose MSIs bypass the IOMMU can be put behind a guest's stage 1.",
  source:
    'IOMMU_RESV_MSI; linux-iommu 2021-04-11: "Enforce incompatibility between nested mode and HW MSI regions"',
  kind: 'step',
  appliesTo: hasUntranslatedIts,
  brokenBy: 'single-doorbell',
  violated: (transition) =>
    plugged(transition) === true ? 'a device with a hardware MSI region cannot be attached' : null,
  witness: (transition) => plugged(transition) === false,
};
