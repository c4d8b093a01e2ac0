import { commands, opcodeOf } from '../../../spec/smmuv3/command.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { World } from '../../world/world.ts';
import { type Covers, coverageOf } from './covers.ts';
import type { Entry } from './entry.ts';
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
 * come back through something stale that another takes away later: an entry is gone for certain only if, whichever
 * command that covers it comes last, nothing that is left leads to it.
 */
export function afterBatch(
  world: World,
  smmu: number,
  held: Held,
  batch: readonly CommandWords[],
  rules: SmmuMachineRules,
): Held {
  const effective: Covers[] = [];
  for (const [word0, word1] of new Map(batch.map((words) => [words.join(), words])).values()) {
    const covers = coverageOf(world.platform, smmu, [word0, word1], rules);
    if (some(held, covers)) effective.push(covers);
  }
  const left = effective.map((covers) => derive(world, without(held, covers)).entries);
  const [only] = left;
  if (left.length < 2) return only ?? held;
  const kept = [...held.values()].filter((entry) => {
    const covering = left.filter((_, i) => effective[i]?.(entry));
    return covering.length === 0 || covering.some((rest) => rest.has(entry.key));
  });
  return derive(world, kept).entries;
}

function some(held: Held, covers: Covers): boolean {
  for (const entry of held.values()) if (covers(entry)) return true;
  return false;
}

function* without(held: Held, covers: Covers): Generator<Entry> {
  for (const entry of held.values()) if (!covers(entry)) yield entry;
}
