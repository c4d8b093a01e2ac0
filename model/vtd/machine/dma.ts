import { noteWritten } from '../../iommufd/dirty.ts';
import { vtdFeaturesOf } from '../../platform/vtd-features.ts';
import type { CommandArgs } from '../../world/command.ts';
import { done, type Result, refused } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import { domainAt } from '../driver/layout.ts';
import { type VtdWrite, vtdResultsOf } from './outcomes.ts';
import { hardwareOf } from './view.ts';
import { vtdViewOf } from './view-of.ts';

const PAGE_SHIFT = 12n;

/** A PASID has 20 bits. */
const PASIDS = 2 ** 20;

/**
 * A device behind a VT-d unit reads or writes memory. Gives every outcome that the caches permit at that moment:
 * `addresses` (physical) and `faults`, two words of a fault record each. Faults are the host's to read.
 */
export function vtdDma(tx: Tx, args: CommandArgs['dma'], actor: string): Result {
  const device = tx.world.platform.devices.findIndex(({ id }) => actor === `device:${id}`);
  if (device < 0 || args.stream !== 0) return refused('ENODEV');
  if (args.ssv && (args.ssid < 0 || args.ssid >= PASIDS)) return refused('EINVAL');
  const { outcomes, writes } = vtdResultsOf(tx.world, vtdViewOf(tx.world), {
    device,
    address: args.iova,
    write: args.write,
    pasid: args.ssv ? args.ssid : null,
    translated: args.translated,
  });
  const addresses = outcomes.flatMap((each) => (each.kind === 'reaches' ? [each.address] : []));
  const faults = outcomes.flatMap((each) => (each.kind === 'faults' ? [...each.record] : []));
  // What a unit writes past the caches, nobody reads who looks through them.
  if (writes.length > 0 && vtdFeaturesOf(hardwareOf(tx.world.platform, device)).coherentWalks)
    noteWrites(tx, writes);
  return done({ addresses, faults });
}

/** Pages that are flagged whatever of the entries that caches may hold the write met. */
function noteWrites(tx: Tx, writes: readonly VtdWrite[]): void {
  const { vtd } = tx.world;
  if (vtd === null) return;
  for (const { table, page } of writes) {
    const ref = domainAt(vtd.driver, table);
    const same = writes.filter((each) => each.table === table && each.page === page);
    if (ref === null || same.some(({ tracked }) => !tracked)) continue;
    noteWritten(tx, ref.ctx, ref.hwpt, [BigInt(page) << PAGE_SHIFT]);
  }
}
