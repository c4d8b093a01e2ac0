import { bootWorld } from '../../model/boot.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import type { ReadMemory64 } from '../../model/smmu/architecture/access.ts';
import { drive, probedDriver } from '../../model/smmu/driver/driver.ts';
import { readDriverMemory } from '../../model/smmu/driver/read.ts';
import type { DriverState } from '../../model/smmu/driver/state.ts';
import { type History, type Log, NO_HISTORY, noteDriven } from '../../model/smmu/permitted/history.ts';
import { step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import { EMPTY_MEMORY, type Memory, readWord64, sameMemory } from '../../model/world/memory/memory.ts';
import { ramOffsetOf } from '../../model/world/memory/user-pages.ts';
import type { Effect, Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import { type DmaDevice, idleDevice, sameBuffer } from './dma-device.ts';
import { actOn, bootSmmus, type Smmus } from './smmus.ts';

/** The hardware behind a world, and the memory that process, kernel and devices share. */
export interface Machine {
  readonly memory: Memory;
  readonly driver: DriverState;
  /** pSMMUs whose caches are known: QEMU's. Null: they may hold whatever `history` permits. */
  readonly smmus: Smmus | null;
  readonly history: History;
  /** Parallel to `platform.devices`. */
  readonly devices: readonly DmaDevice[];
  /** A device wrote to memory what nobody knows: what it had read from a file or from registers; absent: none did. */
  readonly isUnknown?: true;
  /** A device wrote to a file; absent: none did. */
  readonly isFileWritten?: true;
  /** What was done, the latest first; absent: nobody wants to know. */
  readonly commands?: Log<Command>;
  /** How many outcomes were permitted to the last transaction of a device. */
  readonly permitted: number;
}

/** A world and the machine under it. */
export interface System {
  readonly world: World;
  readonly machine: Machine;
}

/** `keeps`: what is done is to be known afterwards. */
export function bootSystem(platform: Platform, emulated: boolean, keeps = false): System {
  const driver = probedDriver(platform);
  return {
    world: bootWorld(platform),
    machine: {
      memory: EMPTY_MEMORY,
      driver,
      smmus: emulated ? bootSmmus(platform, driver) : null,
      history: NO_HISTORY,
      devices: platform.devices.map(() => idleDevice),
      permitted: 1,
      ...(keeps ? { commands: null } : {}),
    },
  };
}

/**
 * The same system without its past: what was done to it, and what pSMMUs could have seen, which says nothing more where it is known what
 * they hold.
 */
export function withoutPast(system: System): System {
  const { world, machine } = system;
  const { commands, history } = machine;
  const isForgotten = machine.smmus === null || history === NO_HISTORY;
  if (isForgotten && (commands === undefined || commands === null)) return system;
  return {
    world,
    machine: {
      ...machine,
      history: machine.smmus === null ? history : NO_HISTORY,
      ...(commands === undefined ? {} : { commands: null }),
    },
  };
}

/** One command: the world's step, and what the driver does to the hardware while it runs. */
export function stepSystem(
  { world, machine }: System,
  command: Command,
  rules: Rules,
): { readonly system: System; readonly result: Result; readonly effects: readonly Effect[] } {
  const { world: after, result, effects } = step(world, command, rules);
  const driven = drive(machine.driver, world, after, effects, rules.smmuDriver);
  const next = { world: after, driver: driven.state };
  // Nothing can be cached once no stream translates and every tag was flushed.
  const forgets = rules.smmuDriver.unusedTagIsFlushed && driven.state.placed.every((ref) => ref === null);
  return {
    system: {
      world: after,
      machine: {
        ...machine,
        ...(machine.commands === undefined ? {} : { commands: { entry: command, older: machine.commands } }),
        driver: driven.state,
        smmus: machine.smmus === null ? null : actOn(machine.smmus, driven.actions, rules.smmuArchitecture),
        history: forgets
          ? NO_HISTORY
          : noteDriven(machine.history, { world, driver: machine.driver }, next, driven.actions),
      },
    },
    result,
    effects,
  };
}

/** What a pSMMU reads at a physical address: RAM, or the driver's own structures. */
export function readPhysical({ world, machine: { memory, driver } }: System): ReadMemory64 {
  return (address) => {
    const offset = ramOffsetOf(world.platform, address);
    return offset === null ? readDriverMemory(driver, world, address) : readWord64(memory, offset);
  };
}

/** Systems that can be told apart, each once. */
export function distinct(systems: readonly System[]): readonly System[] {
  if (systems.length < 2) return systems;
  const kept: System[] = [];
  for (const system of systems) if (!kept.some((other) => isSameSystem(other, system))) kept.push(system);
  return kept;
}

/** Whether no observation will tell two continuations of one system apart. */
export function isSameSystem(a: System, b: System): boolean {
  return (
    a.machine.isUnknown === b.machine.isUnknown &&
    a.machine.isFileWritten === b.machine.isFileWritten &&
    sameMemory(a.machine.memory, b.machine.memory) &&
    a.machine.devices.every((device, i) => sameBuffer(device, b.machine.devices[i])) &&
    sameState(a.world, b.world)
  );
}
