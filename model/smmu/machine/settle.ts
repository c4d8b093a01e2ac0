import { commands, opcodeOf } from '../../../spec/smmuv3/command.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import { sameState } from '../../world/equal.ts';
import type { Tx } from '../../world/tx.ts';
import type { World } from '../../world/world.ts';
import type { HardwareAction } from '../driver/driver.ts';
import { type Covers, coverageOf } from './covers.ts';
import { dutiesOf } from './duties.ts';
import type { Entry } from './entry.ts';
import type { Machine } from './machine.ts';
import type { MachineRules } from './rules.ts';
import { sameSource } from './source.ts';
import { derive } from './view.ts';
import { viewOf } from './view-of.ts';

/**
 * What a command leaves in the caches. They may hold whatever they could hold before and whatever hardware could fetch
 * meanwhile, less what invalidations that completed have covered. The driver's own commands join the effects.
 */
export function settle(before: World, tx: Tx): void {
  const machine = tx.world.machine;
  if (machine === null || before.machine === null) return;
  const guests = tx.effects.flatMap((effect): readonly HardwareAction[] =>
    effect.kind === 'smmuCommands' ? [{ kind: 'issue', smmu: effect.smmu, commands: effect.commands }] : [],
  );
  const { driver, actions } = dutiesOf(machine.driver, before, tx.world, tx.rules);
  const after = sameState(driver, machine.driver) ? tx.world : withMachine(tx.world, { ...machine, driver });
  if (guests.length === 0 && actions.length === 0 && sameSource(before, after)) {
    tx.world = after;
    return;
  }
  for (const action of actions) note(tx, action);
  tx.world = withStale(after, staleAfter(before, after, [...guests, ...actions], tx.rules));
}

function withMachine(world: World, machine: Machine): World {
  return { ...world, machine };
}

function withStale(world: World, stale: readonly Entry[]): World {
  const machine = world.machine as Machine;
  const same =
    stale.length === machine.stale.length && stale.every(({ key }, i) => key === machine.stale[i]?.key);
  return same ? world : withMachine(world, { ...machine, stale });
}

/** Tells what the driver did; several batches of one action are as many effects. */
function note(tx: Tx, action: HardwareAction): void {
  switch (action.kind) {
    case 'writeSte': {
      const { smmu, streamId, words } = action;
      tx.effects.push({ kind: 'steWritten', smmu, streamId, words });
      return;
    }
    case 'issue':
      for (const batch of batchesOf(action.commands))
        tx.effects.push({ kind: 'smmuCommands', smmu: action.smmu, commands: batch });
      return;
    case 'writeCd':
      return;
  }
}

/** What lies between SYNCs. */
function batchesOf(list: readonly CommandWords[]): readonly (readonly CommandWords[])[] {
  const batches: CommandWords[][] = [[]];
  for (const command of list) {
    if (opcodeOf(command) === commands.SYNC.opcode) batches.push([]);
    else batches.at(-1)?.push(command);
  }
  return batches.filter((batch) => batch.length > 0);
}

type Held = ReadonlyMap<string, Entry>;

/** What caches may hold after a step and hardware would not fetch, ascending by key. */
function staleAfter(
  before: World,
  after: World,
  actions: readonly HardwareAction[],
  rules: MachineRules,
): readonly Entry[] {
  let held: Held = derive(after, viewOf(before).entries.values()).entries;
  for (const action of actions) {
    if (action.kind !== 'issue') continue;
    for (const batch of batchesOf(action.commands)) held = afterBatch(after, action.smmu, held, batch, rules);
  }
  const current = derive(after, []).entries;
  return [...held.values()].filter(({ key }) => !current.has(key)).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/**
 * A batch and its SYNC. Until the SYNC its commands may take effect in any order, so what one of them takes away can
 * come back through something stale that another takes away later: an entry is gone for certain only if, whichever
 * command that covers it comes last, nothing that is left leads to it.
 */
function afterBatch(
  world: World,
  smmu: number,
  held: Held,
  batch: readonly CommandWords[],
  rules: MachineRules,
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
