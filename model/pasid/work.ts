import { type PasidPlatform, type Unit, unitsOf } from '../platform/pasid.ts';
import { copyWorld } from '../world/copy.ts';
import { type Effect, type Result, refused } from '../world/result.ts';
import type { Rules } from '../world/rules.ts';
import type { Tx } from '../world/tx.ts';
import { type Flush, settled } from './caches.ts';
import type { Assigned, PasidMachine, Stream } from './machine.ts';

/**
 * A command in progress on the machine: handlers put new values into it. What they flush takes effect at the end, as a
 * SYNC or a wait descriptor makes it.
 */
export interface Work {
  readonly platform: PasidPlatform;
  readonly rules: Rules;
  readonly units: readonly Unit[];
  machine: PasidMachine;
  readonly flushes: Flush[];
  readonly effects: Effect[];
}

/** Runs a handler on the machine of a world that has one; ENODEV elsewhere. */
export function work(tx: Tx, handler: (work: Work) => Result): Result {
  const { platform, pasids } = tx.world;
  if (platform.pasid === undefined || pasids === null) return refused('ENODEV');
  const at: Work = {
    platform: platform.pasid,
    rules: tx.rules,
    units: unitsOf(platform.pasid),
    machine: pasids,
    flushes: [],
    effects: tx.effects,
  };
  const result = handler(at);
  if (!result.ok) return result;
  if (at.machine !== pasids || at.flushes.length > 0) {
    const machine = settled(at.platform, pasids, at.machine, at.flushes);
    if (machine === pasids) return result;
    const world = copyWorld(tx.world);
    world.pasids = machine;
    tx.world = world;
  }
  return result;
}

/** The index of a unit by its id; -1 where there is none. */
export function unitNamed({ units }: Work, id: string): number {
  return units.findIndex((unit) => unit.id === id);
}

/** A unit that the acting guest has, by its id; null where it has none of that name. */
export function unitOfGuest(work: Work, id: string, vm: number): { unit: number; assigned: Assigned } | null {
  const unit = unitNamed(work, id);
  const assigned = work.machine.units[unit] ?? null;
  return assigned === null || assigned.vm !== vm ? null : { unit, assigned };
}

export function putUnit(work: Work, unit: number, assigned: Assigned | null): void {
  const { machine } = work;
  work.machine = { ...machine, units: machine.units.with(unit, assigned) };
}

export function streamOf({ machine, units }: Work, unit: number): Stream {
  return machine.streams[(units[unit] as Unit).parent] as Stream;
}

export function putStream(work: Work, unit: number, stream: Stream): void {
  const { machine, units } = work;
  work.machine = { ...machine, streams: machine.streams.with((units[unit] as Unit).parent, stream) };
}

/** A list with one element replaced; it grows as needed and has no nulls at its end. */
export function put<T>(list: readonly (T | null)[], index: number, value: T | null): readonly (T | null)[] {
  const copy = list.slice();
  while (copy.length <= index) copy.push(null);
  copy[index] = value;
  while (copy.length > 0 && copy.at(-1) === null) copy.pop();
  return copy;
}
