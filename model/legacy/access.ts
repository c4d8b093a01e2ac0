import type { LegacyPlatform } from '../platform/legacy.ts';
import type { Platform } from '../platform/platform.ts';
import type { Tx } from '../world/tx.ts';
import type { World } from '../world/world.ts';
import type { Container, LegacyGroup, LegacyMachine, VectorThread } from './machine.ts';

/** Handlers run only where the platform has containers; elsewhere `legacyOf` is null and they refuse. */
export interface Legacy {
  readonly platform: LegacyPlatform;
  /** What `platform` is a part of. */
  readonly whole: Platform;
  readonly machine: LegacyMachine;
}

export function legacyOf({ world }: { readonly world: World }): Legacy | null {
  const { platform: whole, legacy: machine } = world;
  const { legacy } = whole;
  return machine === null || legacy === undefined ? null : { platform: legacy, whole, machine };
}

function put(tx: Tx, change: (machine: LegacyMachine) => Partial<LegacyMachine>): void {
  const machine = tx.world.legacy;
  if (machine !== null) tx.world = { ...tx.world, legacy: { ...machine, ...change(machine) } };
}

export function putContainer(tx: Tx, index: number, container: Container | null): void {
  put(tx, ({ containers: old }) => {
    const containers = [...old];
    containers[index] = container;
    while (containers.length > 0 && containers.at(-1) === null) containers.pop();
    return { containers };
  });
}

export function putLegacyGroup(tx: Tx, index: number, group: LegacyGroup): void {
  put(tx, ({ groups }) => ({ groups: groups.map((each, at) => (at === index ? group : each)) }));
}

export function putThreads(tx: Tx, threads: readonly VectorThread[]): void {
  put(tx, () => ({ threads }));
}
