import type { Tx } from '../world/tx.ts';
import type { Container, LegacyGroup, LegacyMachine } from './machine.ts';
import type { LegacyPlatform } from './platform.ts';

/** Handlers run only where the platform has containers; elsewhere `legacyOf` is null and they refuse. */
export interface Legacy {
  readonly platform: LegacyPlatform;
  readonly machine: LegacyMachine;
}

export function legacyOf({ world }: Pick<Tx, 'world'>): Legacy | null {
  const { legacy } = world.platform;
  return world.legacy === null || legacy === undefined ? null : { platform: legacy, machine: world.legacy };
}

export function putContainer(tx: Tx, index: number, container: Container | null): void {
  const machine = tx.world.legacy;
  if (machine === null) return;
  const containers = [...machine.containers];
  containers[index] = container;
  while (containers.length > 0 && containers.at(-1) === null) containers.pop();
  tx.world = { ...tx.world, legacy: { ...machine, containers } };
}

export function putLegacyGroup(tx: Tx, index: number, group: LegacyGroup): void {
  const machine = tx.world.legacy;
  if (machine === null) return;
  const groups = machine.groups.map((each, at) => (at === index ? group : each));
  tx.world = { ...tx.world, legacy: { ...machine, groups } };
}
