import type { Context } from '../iommufd/context.ts';
import type { Rules } from '../rules.ts';
import type { SmmuState } from '../smmu/smmu.ts';
import type { DeviceState, GroupState } from '../vfio/device.ts';
import type { File, Process } from './process.ts';
import type { Effect } from './result.ts';
import type { World } from './world.ts';

/**
 * One command in progress. Handlers read top to bottom as the kernel does: look up, check, change. They change
 * `world` by putting new immutable values into it; if the command is refused, `step` drops all of it.
 */
export interface Tx {
  world: World;
  readonly rules: Rules;
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
  tx.world = { ...tx.world, contexts: replaced(tx.world.contexts, ctx, context) };
}

export function putProcess(tx: Tx, actor: string, process: Process): void {
  tx.world = { ...tx.world, processes: { ...tx.world.processes, [actor]: process } };
}

export function putFile(tx: Tx, index: number, file: File | null): void {
  tx.world = { ...tx.world, files: replaced(tx.world.files, index, file) };
}

export function putDevice(tx: Tx, device: number, state: DeviceState): void {
  tx.world = { ...tx.world, devices: replaced(tx.world.devices, device, state) };
}

export function putGroup(tx: Tx, group: number, state: GroupState): void {
  tx.world = { ...tx.world, groups: replaced(tx.world.groups, group, state) };
}

export function putSmmu(tx: Tx, smmu: number, state: SmmuState): void {
  if (state !== tx.world.smmus[smmu])
    tx.world = { ...tx.world, smmus: replaced(tx.world.smmus, smmu, state) };
}

export function smmuAt(tx: Tx, smmu: number): SmmuState {
  return tx.world.smmus[smmu] as SmmuState;
}

export function groupAt(tx: Tx, group: number): GroupState {
  return tx.world.groups[group] as GroupState;
}

export function deviceAt(tx: Tx, device: number): DeviceState {
  return tx.world.devices[device] as DeviceState;
}
