import { leftOf, takesSome, withoutParts } from '../../smmu/machine/pages.ts';
import type { Words } from '../../world/command.ts';
import { sameState } from '../../world/equal.ts';
import type { Tx } from '../../world/tx.ts';
import type { World } from '../../world/world.ts';
import type { VtdAction } from '../driver/drive.ts';
import { driveVtd } from '../driver/driver.ts';
import { vtdCoverage } from './covers.ts';
import type { VtdEntry } from './entry.ts';
import { VTD_PIECES } from './entry-pieces.ts';
import type { VtdMachine } from './machine.ts';
import { deriveVtd } from './view.ts';
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
  tx.world = withStale(after, staleAfter(before, after, actions));
}

function withMachine(world: World, vtd: VtdMachine): World {
  return { ...world, vtd };
}

function withStale(world: World, stale: readonly VtdEntry[]): World {
  const vtd = world.vtd as VtdMachine;
  const same = stale.length === vtd.stale.length && stale.every(({ key }, i) => key === vtd.stale[i]?.key);
  return same ? world : withMachine(world, { ...vtd, stale });
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
  let held = deriveVtd(after, vtdViewOf(before).entries.values()).entries;
  for (const action of actions) {
    if (action.kind !== 'flush') continue;
    for (const words of action.descriptors) held = afterDescriptor(after, action.iommu, held, words);
  }
  const current = deriveVtd(after, []).entries;
  const old = [...held.values()].filter(({ key }) => !current.has(key));
  return withoutParts(VTD_PIECES, old, held.values()).toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function afterDescriptor(
  world: World,
  iommu: number,
  held: ReadonlyMap<string, VtdEntry>,
  words: Words,
): ReadonlyMap<string, VtdEntry> {
  const covers = vtdCoverage(world.platform, iommu, words);
  let any = false;
  for (const entry of held.values()) any ||= takesSome(VTD_PIECES, covers, entry);
  if (!any) return held;
  const kept = [...held.values()].flatMap((entry) => leftOf(VTD_PIECES, covers, entry));
  return deriveVtd(world, kept).entries;
}
