import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import type { IommuHardware } from './platform.ts';

const known = new WeakMap<IommuHardware, IdRegisterValues>();

/** The ID registers of a pSMMU by their names. */
export function idRegistersOf(hardware: IommuHardware): IdRegisterValues {
  let values = known.get(hardware);
  if (values === undefined) {
    const [IDR0 = 0, IDR1 = 0, IDR2 = 0, IDR3 = 0, IDR4 = 0, IDR5 = 0] = hardware.idr;
    values = { IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR: hardware.iidr, AIDR: hardware.aidr };
    known.set(hardware, values);
  }
  return values;
}
