import type { Override } from '../../../model/rules.ts';
import { driverWithoutDevice } from './driver-backdoor.ts';
import { iommuIdIsHandle } from './id-handle.ts';
import { registersInherited } from './inherit.ts';
import { registersLeastCommon } from './least-common.ts';
import { registersMostCapable } from './most-capable.ts';

/** Where a vSMMU's registers could come from, other than from the operator: design by the name it is chosen by. */
export const VSMMU_DESIGNS = {
  inherit: registersInherited,
  'least-common': registersLeastCommon,
  'most-capable': registersMostCapable,
  'id-handle': iommuIdIsHandle,
  'driver-backdoor': driverWithoutDevice,
} as const satisfies Readonly<Record<string, Override>>;
