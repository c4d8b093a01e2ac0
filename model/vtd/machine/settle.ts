import { invalidated, stale } from '../../caches/engine.ts';
import { sameState } from '../../world/equal.ts';
import type { Tx } from '../../world/tx.ts';
import type { World } from '../../world/world.ts';
import type { VtdAction } from '../driver/drive.ts';
import { driveVtd } from '../driver/driver.ts';
import { vtdCoverage } from './covers.ts';
import type { VtdEntry } from './entry.ts';
import type { VtdMachine } from './machine.ts';
import { VTD_CACHES } from './view.ts';
import { sameVtdSource, vtdViewOf } from './view-of.ts';

/**
 * What a command leaves in the caches of VT-d units: whatever they could hold before and whatever hardware could fetch
 * meanwhile, less what was invalidated. What the driver did joins the effects.
 */
export function settleVtd(before: World, tx: Tx): void {
  const { vtd } = tx.world;
  if (vtd === null || before.vtd === null) return;
  const { tables, actions } = driveVtd(vtd.driver, before, tx.world, tx.effects, tx.rules.vtd);
  const after = sameState(tables, vtd.driver) ? tx.world : withMachine(tx.world, { ...vtd, driver: tables });
  if (actions.length === 0 && sameVtdSource(before, after)) {
    tx.world = after;
    return;
  }
  for (const action of actions) note(tx, action);
  const old = staleAfter(before, after, actions);
  const settled = after.vtd as VtdMachine;
  tx.world = old === settled.stale ? after : withMachine(after, { ...settled, stale: old });
}

function withMachine(world: World, vtd: VtdMachine): World {
  return { ...world, vtd };
}

function note(tx: Tx, action: VtdAction): void {
  if (action.kind === 'flush') {
    const { iommu, descriptors } = action;
    tx.effects.push({ kind: 'vtdFlushed', iommu, descriptors });
  } else {
    const { device, what } = action;
    tx.effects.push(
      action.kind === 'write'
        ? { kind: 'vtdWritten', device, what, words: action.words }
        : { kind: 'vtdWrittenBack', device, what },
    );
  }
}

/**
 * What caches may hold after a step and hardware would not fetch, ascending by key. A unit's queue is in order, as far as
 * it matters: a device TLB is invalidated after the IOTLB was that could fill it again.
 */
function staleAfter(before: World, after: World, actions: readonly VtdAction[]): readonly VtdEntry[] {
  let held = VTD_CACHES.fetched(after, vtdViewOf(before).entries.values());
  for (const action of actions) {
    if (action.kind !== 'flush') continue;
    for (const words of action.descriptors)
      held = invalidated(VTD_CACHES, after, held, vtdCoverage(after.platform, action.iommu, words));
  }
  return stale(VTD_CACHES, held.values(), VTD_CACHES.fetched(after, []), after.vtd?.stale ?? []);
}
