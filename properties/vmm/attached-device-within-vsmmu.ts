import { idRegistersOf } from '../../model/platform/id-registers.ts';
import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import { fits, type Misfit, misfitText } from '../../spec/vsmmu/fits.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstPlugged, type Placed, placeText } from './look.ts';

const known = new WeakMap<IdRegisterValues, WeakMap<IdRegisterValues, readonly Misfit[]>>();

/** `fits`, worked out once for two sets of registers. */
function misfits(vsmmu: IdRegisterValues, psmmu: IdRegisterValues): readonly Misfit[] {
  let row = known.get(vsmmu);
  if (row === undefined) {
    row = new WeakMap();
    known.set(vsmmu, row);
  }
  let found = row.get(psmmu);
  if (found === undefined) {
    found = fits(vsmmu, psmmu);
    row.set(psmmu, found);
  }
  return found;
}

/** A device that the pSMMU serves while the guest can read what is promised of it. */
function served({ vm, vsmmu, device }: Placed): boolean {
  return vm.running && vsmmu.registers !== null && device.place?.kind === 'nested';
}

export const attachedDeviceWithinVsmmu: StateProperty = {
  id: 'attached-device-within-vsmmu',
  sentence: 'Every feature that a vSMMU advertises works for every device behind it.',
  source:
    'seed 000, Jason Gunthorpe: "you cannot later attach a VFIO device with a pSMMU that materially differs"',
  kind: 'state',
  appliesTo: hasVsmmu,
  brokenBy: 'fixed-fields-unchecked',
  violated: (world) =>
    firstPlugged(world, (placed) => {
      const { registers } = placed.vsmmu;
      if (registers === null || !served(placed)) return null;
      const found = misfits(registers, idRegistersOf(placed.psmmu));
      return found.length === 0
        ? null
        : `${placeText(placed)} is promised what ${placed.psmmu.name} has not: ${found.map(misfitText).join(', ')}`;
    }),
  witness: (world) => firstPlugged(world, (placed) => (served(placed) ? true : null)) !== null,
};
