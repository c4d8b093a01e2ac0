import type { Draft } from '../world/copy.ts';
import type { Context, IommufdGroup } from './context.ts';
import type { IoPageTable } from './iopt.ts';
import type { DeviceObject, Ioas, IommufdObject } from './objects.ts';

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

/** The object with another count of references. */
export function withUsers(object: IommufdObject, users: number): IommufdObject {
  switch (object.type) {
    case 'ioas': {
      const { type, iopt, hwpts } = object;
      return { type, users, iopt, hwpts };
    }
    case 'hwptPaging': {
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
    }
    case 'hwptNested': {
      const { type, viommu, parent, pasidCompat, fault, domain } = object;
      return { type, users, viommu, parent, pasidCompat, fault, domain };
    }
    case 'device': {
      const { type, device, vdevice } = object;
      return { type, users, device, vdevice };
    }
    case 'viommu': {
      const { type, viommuType, hwpt, iommu, vmid, page } = object;
      const copy = { type, users, viommuType, hwpt, iommu, vmid };
      return page === undefined ? copy : { ...copy, page };
    }
    case 'vdevice': {
      const { type, viommu, devId, virtId } = object;
      return { type, users, viommu, devId, virtId };
    }
    case 'veventq': {
      const { type, viommu, eventType, depth, sequence, events, numEvents } = object;
      return { type, users, viommu, eventType, depth, sequence, events, numEvents };
    }
    case 'fault':
      return { type: 'fault', users, groups: object.groups };
    case 'access':
    case 'selftest':
    case 'hwQueue':
      return { ...object, users };
  }
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
