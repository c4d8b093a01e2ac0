import { unitsOf } from '../platform/pasid.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { outcomesOf, pasidOnTheWire } from './reach.ts';

const DEVICE = 'device:';

const PAGE_SHIFT = 12n;

/**
 * A function or a slice accesses a page. Gives every host address that it may reach by hardware's tables and whatever
 * caches hold, and whether it may fault. ENODEV: it is no unit, or a slice that nobody has; EPERM: the device does not
 * put this PASID on the slice's requests.
 */
export function request(tx: Tx, args: CommandArgs['request'], actor: string): Result {
  const { platform, pasids: machine } = tx.world;
  if (platform.pasid === undefined || machine === null) return refused('ENODEV');
  const units = unitsOf(platform.pasid);
  const index = units.findIndex(({ id }) => actor === DEVICE + id);
  const unit = units[index];
  const assigned = machine.units[index] ?? null;
  if (unit === undefined || (assigned === null && unit.slice)) return refused('ENODEV');
  if (args.pasid > platform.pasid.pasids || args.iova >= platform.pasid.iovaPages) return refused('EINVAL');
  const pasid =
    assigned === null
      ? args.pasid
      : pasidOnTheWire(platform.pasid, unit, assigned, args.pasid, tx.rules.pasid.sliceUsesAnyPasid);
  if (pasid === null) return refused('EPERM');
  const { pages, faults } = outcomesOf(platform.pasid, machine, unit.parent, pasid, args.iova);
  return done({ addresses: pages.map((page) => BigInt(page) << PAGE_SHIFT), faults: faults ? 1 : 0 });
}
