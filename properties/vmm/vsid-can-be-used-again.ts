import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import type { World } from '../../model/world/world.ts';
import { hasVsmmu } from '../platforms.ts';
import type { ReachabilityProperty, Violation } from '../property.ts';
import { firstPlugged, placeText } from './look.ts';

/** Takes each device out and puts it back to where it was. */
function replugged(world: World, rules: Rules): Violation {
  return firstPlugged(world, (placed) => {
    const vm = placed.vm.name;
    const { device, vsid, iommufd, port } = placed.device;
    const out = step(world, { actor: 'operator', command: 'unplug', args: { vm, device } }, rules);
    const args = { vm, vsmmu: placed.index, device, vsid, iommufd, port: port ?? '' };
    const { result } = step(out.world, { actor: 'operator', command: 'plug', args }, rules);
    return result.ok ? null : `${placeText(placed)} cannot come back: ${result.errno}`;
  });
}

export const vsidCanBeUsedAgain: ReachabilityProperty = {
  id: 'vsid-can-be-used-again',
  sentence: 'A device that is unplugged can be plugged again in the same place.',
  source: 'IHI0070 3.2; include/uapi/linux/iommufd.h: IOMMU_VDEVICE_ALLOC',
  kind: 'reachability',
  appliesTo: hasVsmmu,
  brokenBy: 'unplug-keeps-device-open',
  violated: replugged,
  witness: (world) => firstPlugged(world, () => true) !== null,
};
