import type { Assigned, PasidMachine } from '../../model/pasid/machine.ts';
import { ownerOfPage } from '../../model/pasid/machine.ts';
import { outcomesOf, pasidOnTheWire } from '../../model/pasid/reach.ts';
import { type PasidPlatform, type Unit, unitsOf } from '../../model/platform/pasid.ts';
import type { World } from '../../model/world/world.ts';

/** One unit of a world whose devices have PASIDs. */
export interface UnitLook {
  readonly platform: PasidPlatform;
  readonly machine: PasidMachine;
  readonly index: number;
  readonly unit: Unit;
  /** Null: no machine has it. */
  readonly assigned: Assigned | null;
}

/** Calls back for every unit, until the callback gives something other than null. */
export function firstUnit<R>(world: World, look: (unit: UnitLook) => R | null): R | null {
  const platform = world.platform.pasid;
  const machine = world.pasids;
  if (platform === undefined || machine === null) return null;
  const units = unitsOf(platform);
  for (let index = 0; index < units.length; index++) {
    const unit = units[index] as Unit;
    const found = look({ platform, machine, index, unit, assigned: machine.units[index] ?? null });
    if (found !== null) return found;
  }
  return null;
}

/** Whether a unit of which something holds is with a machine. */
export function hasUnit(world: World, holds: (assigned: Assigned, look: UnitLook) => boolean): boolean {
  return (
    firstUnit(world, (look) => (look.assigned !== null && holds(look.assigned, look) ? true : null)) === true
  );
}

/** The unit of an id. */
export function unitById(world: World, id: string): UnitLook | null {
  return firstUnit(world, (look) => (look.unit.id === id ? look : null));
}

/** Whether slices of a unit's function are with machines: its PASIDs are theirs then. */
function isSliced({ platform, machine, unit }: UnitLook): boolean {
  return unitsOf(platform).some(
    (other, index) => other.slice && other.parent === unit.parent && (machine.units[index] ?? null) !== null,
  );
}

/** Every PASID under which requests of a unit can arrive at the IOMMU, with the number that its guest names. */
export function wiresOf(look: UnitLook): readonly { guest: number; pasid: number }[] {
  const { platform, unit, assigned } = look;
  const wires: { guest: number; pasid: number }[] = [];
  if (assigned === null && isSliced(look)) return [{ guest: 0, pasid: 0 }];
  for (let guest = 0; guest <= platform.pasids; guest++) {
    if (assigned === null) {
      if (!unit.slice) wires.push({ guest, pasid: guest });
      continue;
    }
    const pasid = pasidOnTheWire(platform, unit, assigned, guest, false);
    if (pasid !== null) wires.push({ guest, pasid });
  }
  return wires;
}

/** Where a unit's requests under a PASID, as it arrives, may go. */
export function goes({ platform, machine, unit }: UnitLook, pasid: number, iova: number) {
  return outcomesOf(platform, machine, unit.parent, pasid, iova);
}

/** `mdev0 of vm0` */
export function unitName(world: World, { unit, assigned }: UnitLook): string {
  return assigned === null ? unit.id : `${unit.id} of ${world.platform.vms[assigned.vm]}`;
}

/** `with PASID 2`, `without PASID` */
export function pasidText(pasid: number): string {
  return pasid === 0 ? 'without PASID' : `with PASID ${pasid}`;
}

/** `page 1 of vm0`, `page 0 of the host` */
export function pageText(world: World, platform: PasidPlatform, page: number): string {
  const vm = ownerOfPage(platform, page);
  return `page ${page % platform.ramPages} of ${vm === null ? 'the host' : world.platform.vms[vm]}`;
}
