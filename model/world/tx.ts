import type { Command, CommandArgs, CommandName } from './command.ts';
import { copyWorld } from './copy.ts';
import type { File, Process } from './process.ts';
import type { Effect, Result } from './result.ts';
import type { Rules } from './rules.ts';
import type { World } from './world.ts';

type Context = NonNullable<World['contexts'][number]>;
type DeviceState = World['devices'][number];
type GroupState = NonNullable<World['groups'][number]>;
type IommuState = World['iommus'][number];

/** Calls into the kernel. The composition (`model/step.ts`) hands it in. */
export interface System {
  /** The arguments of a command with those that are left out at their defaults. */
  complete<N extends CommandName>(name: N, given: Partial<CommandArgs[N]>): CommandArgs[N];
  call(tx: Tx, command: Command): Result;
}

/**
 * One command in progress. Handlers read top to bottom as the kernel does: look up, check, change. They change
 * `world` by putting new immutable values into it; if the command is refused, `step` drops all of it.
 */
export interface Tx {
  world: World;
  readonly rules: Rules;
  /** The kernel, as any process calls it: for machines that are processes themselves. */
  readonly system: System;
  effects: Effect[];
  /** What was done on the way to a refusal and taken back: it shows in the steps of drivers, not in the world. */
  undone: Effect[];
  /** Set where the real interface keeps what it did before it failed (see `KEEPS_PROGRESS`). */
  keep: boolean;
}

/** An array with one element replaced. */
function replaced<T>(list: readonly T[], index: number, value: T): readonly T[] {
  const copy = list.slice();
  copy[index] = value;
  return copy;
}

/** The context at an index that a file or an object of it vouches for. */
export function contextAt(tx: Tx, ctx: number): Context {
  return tx.world.contexts[ctx] as Context;
}

export function putContext(tx: Tx, ctx: number, context: Context | null): void {
  const world = copyWorld(tx.world);
  world.contexts = replaced(world.contexts, ctx, context);
  tx.world = world;
}

export function putProcess(tx: Tx, actor: string, process: Process): void {
  const world = copyWorld(tx.world);
  world.processes = { ...world.processes, [actor]: process };
  tx.world = world;
}

export function putFile(tx: Tx, index: number, file: File | null): void {
  const world = copyWorld(tx.world);
  world.files = replaced(world.files, index, file);
  tx.world = world;
}

export function putDevice(tx: Tx, device: number, state: DeviceState): void {
  const world = copyWorld(tx.world);
  world.devices = replaced(world.devices, device, state);
  tx.world = world;
}

export function putGroup(tx: Tx, group: number, state: GroupState): void {
  const world = copyWorld(tx.world);
  world.groups = replaced(world.groups, group, state);
  tx.world = world;
}

export function putIommu(tx: Tx, smmu: number, state: IommuState): void {
  if (state === tx.world.iommus[smmu]) return;
  const world = copyWorld(tx.world);
  world.iommus = replaced(world.iommus, smmu, state);
  tx.world = world;
}

export function iommuAt(tx: Tx, smmu: number): IommuState {
  return tx.world.iommus[smmu] as IommuState;
}

export function groupAt(tx: Tx, group: number): GroupState {
  return tx.world.groups[group] as GroupState;
}

export function deviceAt(tx: Tx, device: number): DeviceState {
  return tx.world.devices[device] as DeviceState;
}
