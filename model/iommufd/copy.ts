import type { Draft } from '../world/copy.ts';
import type { Context, IommufdGroup } from './context.ts';
import type { IoPageTable } from './iopt/table.ts';
import type { DeviceObject, Ioas, ObjectOf, ObjectType } from './objects.ts';

/*
 * Copies to change, written out field by field because of what spreading costs on the hot path (model/world/copy.ts).
 */

export function copyContext(context: Context): Draft<Context> {
  const { objects, refs, groups, msiMaps, msiThreads, compatIoas, chargeProcess } = context;
  return { objects, refs, groups, msiMaps, msiThreads, compatIoas, chargeProcess };
}

export function copyGroup({
  group,
  devices,
  attach,
  pasids,
  swMsiStart,
  requiredMsi,
}: IommufdGroup): Draft<IommufdGroup> {
  return { group, devices, attach, pasids, swMsiStart, requiredMsi };
}

/** Each kind of object with another count of references. */
const WITH_USERS: {
  readonly [T in ObjectType]: (object: ObjectOf<T>, users: number) => ObjectOf<T>;
} = {
  ioas: ({ type, iopt, hwpts }, users) => ({ type, users, iopt, hwpts }),
  hwptPaging(object, users) {
    const { type, ioas, nestParent, autoDomain, pasidCompat, fault, domain } = object;
    const { msiPages, msiCookie, doorbellsOf } = object;
    const copy = {
      type,
      users,
      ioas,
      nestParent,
      autoDomain,
      pasidCompat,
      fault,
      domain,
      msiPages,
      msiCookie,
      doorbellsOf,
    };
    return object.dirty === undefined ? copy : { ...copy, dirty: object.dirty };
  },
  hwptNested({ type, viommu, parent, pasidCompat, fault, domain }, users) {
    return { type, users, viommu, parent, pasidCompat, fault, domain };
  },
  device: ({ type, device, vdevice }, users) => ({ type, users, device, vdevice }),
  viommu({ type, viommuType, hwpt, iommu, vmid, page }, users) {
    const copy = { type, users, viommuType, hwpt, iommu, vmid };
    return page === undefined ? copy : { ...copy, page };
  },
  vdevice: ({ type, viommu, devId, virtId }, users) => ({ type, users, viommu, devId, virtId }),
  veventq({ type, viommu, eventType, depth, sequence, events, numEvents }, users) {
    return { type, users, viommu, eventType, depth, sequence, events, numEvents };
  },
  fault: ({ type, groups }, users) => ({ type, users, groups }),
  access: (object, users) => ({ ...object, users }),
  selftest: (object, users) => ({ ...object, users }),
  hwQueue: (object, users) => ({ ...object, users }),
};

/** The object with another count of references. */
export function withUsers<T extends ObjectType>(object: ObjectOf<T>, users: number): ObjectOf<T> {
  return WITH_USERS[object.type as T](object, users);
}

/** The context with another count of who holds it. */
export function withRefs(context: Context, refs: number): Context {
  const next = copyContext(context);
  next.refs = refs;
  return next;
}

/** The IOAS with another IOVA space, and other HWPTs. */
export function withIopt({ type, users, hwpts }: Ioas, iopt: IoPageTable, others = hwpts): Ioas {
  return { type, users, iopt, hwpts: others };
}

/** The device with another vDEVICE, and what that does to its references. */
export function withVdevice(
  { type, users, device }: DeviceObject,
  vdevice: number | null,
  by: number,
): DeviceObject {
  return { type, users: users + by, device, vdevice };
}
