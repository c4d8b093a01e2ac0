import { commands, opcodeOf } from '../../../spec/smmuv3/command.ts';
import { type Held, invalidated, takesAny } from '../../caches/engine.ts';
import { cutBy, isHeld, takesWhole } from '../../caches/pages.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { World } from '../../world/world.ts';
import { coveragesOf } from './covers.ts';
import type { Entry } from './entry.ts';
import type { Covers } from './entry-pieces.ts';
import type { SmmuMachineRules } from './rules.ts';
import { SMMU_CACHES } from './view.ts';

/** What lies between SYNCs. What none follows has not completed, and promises nothing. */
export function batchesOf(list: readonly CommandWords[]): readonly (readonly CommandWords[])[] {
  const batches: CommandWords[][] = [[]];
  for (const command of list) {
    if (opcodeOf(command) === commands.SYNC.opcode) batches.push([]);
    else batches.at(-1)?.push(command);
  }
  return batches.slice(0, -1).filter((batch) => batch.length > 0);
}

/**
 * A batch and its SYNC. Until the SYNC its commands may take effect in any order, so what one of them takes away can
 * come back through something stale that another takes away later: a page of an entry is gone for certain only if,
 * whichever command that covers it comes last, nothing that is left leads to it. What no command covers of a run stays,
 * and what several cover together is gone: hardware may hold each page of a run by itself.
 */
export function afterBatch(
  world: World,
  smmu: number,
  held: Held<Entry>,
  batch: readonly CommandWords[],
  rules: SmmuMachineRules,
): Held<Entry> {
  const all = coveragesOf(world.platform, smmu, batch, rules);
  const effective =
    all.length < 2 ? all : all.filter((covers) => takesAny(SMMU_CACHES, held.values(), covers));
  const [only] = effective;
  if (only === undefined) return held;
  return effective.length === 1
    ? invalidated(SMMU_CACHES, world, held, only)
    : afterSeveral(world, held, effective);
}

/** A command, or several that differ in their addresses only, and what is left where it comes last. */
interface Last {
  readonly covers: Covers;
  left: Held<Entry> | null;
}

function afterSeveral(world: World, held: Held<Entry>, effective: readonly Covers[]): Held<Entry> {
  const entries: Entry[] = [];
  for (const entry of held.values()) entries.push(...cutBy(SMMU_CACHES, effective, entry));
  const lasts = effective.map((covers): Last => ({ covers, left: null }));
  const kept = entries.filter((entry) => {
    const covering = lasts.filter(({ covers }) => takesWhole(SMMU_CACHES, covers, entry));
    return covering.length === 0 || covering.some((last) => comesBack(world, entries, last, entry));
  });
  return SMMU_CACHES.fetched(world, kept);
}

/** Whether what a command takes away is there again when it comes last: derived once for each. */
function comesBack(world: World, entries: readonly Entry[], last: Last, entry: Entry): boolean {
  last.left ??= SMMU_CACHES.fetched(
    world,
    entries.filter((other) => !takesWhole(SMMU_CACHES, last.covers, other)),
  );
  return isHeld(SMMU_CACHES, last.left, entry);
}
