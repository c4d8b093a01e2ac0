import { type Held, stale } from '../../caches/engine.ts';
import type { Effect } from '../../world/result.ts';
import type { World } from '../../world/world.ts';
import type { DriverState } from '../driver/state.ts';
import { afterBatch, batchesOf } from './batches.ts';
import type { Entry } from './entry.ts';
import type { Machine, MachineAction } from './machine.ts';
import type { SmmuMachineRules } from './rules.ts';
import { SMMU_CACHES } from './view.ts';

/** A world at a moment in which the driver works: `held` is all that caches may hold. */
export interface Moment {
  readonly world: World;
  readonly held: Held<Entry>;
}

export function withMachine(world: World, changes: Partial<Machine>): World {
  return { ...world, machine: { ...(world.machine as Machine), ...changes } };
}

/** The moment after the driver has done one piece more (`inPieces`). Between any two of them DMA goes on, and caches are filled. */
export function afterAction({ world, held }: Moment, action: MachineAction, rules: SmmuMachineRules): Moment {
  const { driver, registers } = world.machine as Machine;
  switch (action.kind) {
    case 'writeSte': {
      const { smmu, streamId, words } = action;
      const streamTables = driver.streamTables.map((table, i) =>
        i === smmu ? { ...table, [streamId]: words } : table,
      );
      return refetched(withMachine(world, { driver: { ...driver, streamTables } }), held);
    }
    case 'writeCd': {
      const contexts = driver.contexts.map((old, i) => (i === action.device ? action.words : old));
      return refetched(withMachine(world, { driver: { ...driver, contexts } }), held);
    }
    case 'writeRegisters': {
      const changed = registers.map((old, i) => (i === action.smmu ? action.registers : old));
      return { world: withMachine(world, { registers: changed }), held };
    }
    case 'issue':
      return { world, held: afterBatch(world, action.smmu, held, action.commands, rules) };
  }
}

/** What may be held, and what hardware can fetch now through any of it. */
export function refetched(world: World, held: Held<Entry>): Moment {
  return { world, held: SMMU_CACHES.fetched(world, held.values()) };
}

/** The world of a moment, which keeps what hardware would not fetch any longer. */
export function settled({ world, held }: Moment): World {
  const machine = world.machine as Machine;
  const old = stale(SMMU_CACHES, held.values(), SMMU_CACHES.fetched(world, []), machine.stale);
  return old === machine.stale ? world : withMachine(world, { stale: old });
}

/** While a call goes on, domains have their place that it moves streams to, and those that it moves streams from. */
export function duringCall(from: DriverState, to: DriverState): DriverState {
  const longest = from.placed.length > to.placed.length ? from.placed : to.placed;
  return {
    ...from,
    atsMasters: to.atsMasters,
    placed: longest.map((_, place) => from.placed[place] ?? to.placed[place] ?? null),
  };
}

/** One action for each write, register, or batch of commands that a SYNC completes. */
export function inPieces(actions: readonly MachineAction[]): readonly MachineAction[] {
  return actions.flatMap((action): readonly MachineAction[] =>
    action.kind === 'issue'
      ? batchesOf(action.commands).map((commands) => ({ ...action, commands }))
      : [action],
  );
}

/** What an action is told as; null: nothing that another sees. */
export function effectOf(action: MachineAction): Effect | null {
  switch (action.kind) {
    case 'writeSte': {
      const { smmu, streamId, words } = action;
      return { kind: 'steWritten', smmu, streamId, words };
    }
    case 'issue':
      return { kind: 'smmuCommands', by: 'driver', iommu: action.smmu, commands: action.commands };
    case 'writeRegisters':
      return { kind: 'registersWritten', smmu: action.smmu, ...action.registers };
    case 'writeCd':
      return null;
  }
}
