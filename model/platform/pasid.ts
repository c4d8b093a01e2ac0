import type { IommuHardware } from '../../spec/pasid/hardware.ts';

/** Devices with PASIDs behind an IOMMU that a description stands for, whole or in slices. */
export interface PasidPlatform {
  readonly hardware: IommuHardware;
  /** Requester IDs: virtual functions. */
  readonly parents: readonly ParentHardware[];
  /** PASIDs are numbered from 1 up to this. */
  readonly pasids: number;
  /** PASIDs that a guest with a vIOMMU of its own knows: 1 up to this. */
  readonly guestPasids: number;
  /** Pages of RAM that each virtual machine has; the host has as many of its own. */
  readonly ramPages: number;
  /** Pages in an address space that devices name. */
  readonly iovaPages: number;
  /** Stage-1 tables that a guest has room for. */
  readonly guestTables: number;
}

export interface ParentHardware {
  readonly id: string;
  /** Mediated devices: slices of this function, by id. */
  readonly slices: readonly string[];
}

/** What a virtual machine can be given: a function as a whole (`slice` false), or a slice of it. */
export interface Unit {
  readonly id: string;
  readonly parent: number;
  readonly slice: boolean;
}

const unitsByPlatform = new WeakMap<PasidPlatform, readonly Unit[]>();

/** All units of a platform: each function, behind it its slices. */
export function unitsOf(platform: PasidPlatform): readonly Unit[] {
  let units = unitsByPlatform.get(platform);
  if (units === undefined) {
    units = platform.parents.flatMap(({ id, slices }, parent) => [
      { id, parent, slice: false },
      ...slices.map((slice) => ({ id: slice, parent, slice: true })),
    ]);
    unitsByPlatform.set(platform, units);
  }
  return units;
}
