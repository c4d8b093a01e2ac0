import { commands, opcodeOf } from '../../../spec/smmuv3/command.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { World } from '../../world/world.ts';
import { coveragesOf } from './covers.ts';
import type { Entry } from './entry.ts';
import { type Covers, ENTRY_PIECES } from './entry-pieces.ts';
import { cutBy, isHeld, leftOf, takesSome, takesWhole } from './pages.ts';
import type { SmmuMachineRules } from './rules.ts';
import { derive } from './view.ts';

/** What caches may hold, by key. */
export type Held = ReadonlyMap<string, Entry>;

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
  held: Held,
  batch: readonly CommandWords[],
  rules: SmmuMachineRules,
): Held {
  const effective = coveragesOf(world.platform, smmu, batch, rules).filter((covers) => some(held, covers));
  const [only] = effective;
  if (only === undefined) return held;
  if (effective.length === 1) return derive(world, leaving(held.values(), only)).entries;
  return afterSeveral(world, held, effective);
}

/** A command, or several that differ in their addresses only, and what is left where it comes last. */
interface Last {
  readonly covers: Covers;
  left: Held | null;
}

function afterSeveral(world: World, held: Held, effective: readonly Covers[]): Held {
  const entries: Entry[] = [];
  for (const entry of held.values()) entries.push(...cutBy(ENTRY_PIECES, effective, entry));
  const lasts = effective.map((covers): Last => ({ covers, left: null }));
  const kept = entries.filter((entry) => {
    const covering = lasts.filter(({ covers }) => takesWhole(ENTRY_PIECES, covers, entry));
    return covering.length === 0 || covering.some((last) => comesBack(world, entries, last, entry));
  });
  return derive(world, kept).entries;
}

/** Whether what a command takes away is there again when it comes last: derived once for each. */
function comesBack(world: World, entries: readonly Entry[], last: Last, entry: Entry): boolean {
  last.left ??= derive(
    world,
    entries.filter((other) => !takesWhole(ENTRY_PIECES, last.covers, other)),
  ).entries;
  return isHeld(ENTRY_PIECES, last.left, entry);
}

function some(held: Held, covers: Covers): boolean {
  for (const entry of held.values()) if (takesSome(ENTRY_PIECES, covers, entry)) return true;
  return false;
}

function* leaving(held: Iterable<Entry>, covers: Covers): Generator<Entry> {
  for (const entry of held) yield* leftOf(ENTRY_PIECES, covers, entry);
}
