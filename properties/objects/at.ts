import type { ObjectOf, ObjectType } from '../../model/iommufd/objects.ts';
import type { DeviceHardware, IommuHardware } from '../../model/platform/platform.ts';
import type { At } from '../answers/place.ts';
import { objectOf } from '../look.ts';
import type { Transition } from '../property.ts';

/** The device behind a DEVICE object, and the IOMMU in front of it. */
export interface Behind {
  readonly object: ObjectOf<'device'>;
  readonly device: number;
  readonly hardware: DeviceHardware;
  readonly iommu: IommuHardware;
}

export function deviceBehind({ world, context }: At, devId: number): Behind | null {
  const object = objectOf(context, devId, 'device');
  const hardware = object === null ? undefined : world.platform.devices[object.device];
  const iommu = hardware === undefined ? undefined : world.platform.iommus[hardware.iommu];
  return object === null || hardware === undefined || iommu === undefined
    ? null
    : { object, device: object.device, hardware, iommu };
}

/** The object that a call says it made: of this type, alone, and under an id that nothing had. */
export function madeIn<T extends ObjectType>(
  at: At,
  { world, result }: Transition,
  field: string,
  type: T,
): ObjectOf<T> | null {
  const id = result.out[field];
  const context = world.contexts[at.ctx] ?? null;
  if (typeof id !== 'number' || context === null || (at.context.objects[id] ?? null) !== null) return null;
  return objectOf(context, id, type);
}
