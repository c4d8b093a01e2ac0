import { isEnabled, steInMemory } from '../../model/vmm/stream.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf, firstPlugged, type Placed, placeText } from './look.ts';
import { actualTreatment, askedTreatments } from './look-stream.ts';

/** The device that a step plugged into a running machine, nested; null for other steps. */
function hotplugged(transition: Transition): Placed | null {
  const args = argsOf(transition, 'plug');
  if (args === null || !transition.result.ok) return null;
  return firstPlugged(transition.world, (placed) => {
    const isIt = placed.vm.name === args.vm && placed.device.device === args.device;
    return isIt && placed.vm.running && placed.device.place?.kind === 'nested' ? placed : null;
  });
}

export const earlierConfigurationApplies: StepProperty = {
  id: 'earlier-configuration-applies',
  sentence:
    'What a guest configured for a StreamID before a device was plugged applies to the device from the start.',
  source:
    'seed 000, Jason Gunthorpe: "boot a guest without a backing viommu … some more complexities"; IHI0070 3.4',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'later-device-not-configured',
  violated(transition) {
    const placed = hotplugged(transition);
    if (placed === null) return null;
    const asked = askedTreatments(transition.world, placed);
    const actual = actualTreatment(transition.world, placed);
    if (asked.includes(actual)) return null;
    return `${placeText(placed)} was configured for ${asked.join(' or ')} before it came, and sees ${actual}`;
  },
  witness(transition) {
    const placed = hotplugged(transition);
    if (placed === null || !isEnabled(placed.vsmmu)) return false;
    const { world } = transition;
    const found = steInMemory(world, world.vms.indexOf(placed.vm), placed.vsmmu, placed.device.vsid);
    return typeof found !== 'string' && (found[0] ?? 0n) !== 0n;
  },
};
