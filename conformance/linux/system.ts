import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import type { ReadMemory64 } from '../../model/smmu/architecture/access.ts';
import { type DriverState, drive, probedDriver } from '../../model/smmu/driver/driver.ts';
import { readDriverMemory } from '../../model/smmu/driver/read.ts';
import type { DriverRules } from '../../model/smmu/driver/rules.ts';
import { bootWorld } from '../../model/world/boot.ts';
import type { Command } from '../../model/world/command.ts';
import { EMPTY_MEMORY, type Memory, readWord64 } from '../../model/world/memory/memory.ts';
import { ramOffsetOf } from '../../model/world/memory/user-pages.ts';
import type { Result } from '../../model/world/result.ts';
import { step } from '../../model/world/step.ts';
import type { World } from '../../model/world/world.ts';
import { type DmaDevice, idleDevice, noteInterrupts } from './dma-device.ts';
import { actOn, bootSmmus, type Smmus } from './smmus.ts';

/** The hardware behind a world, and the memory that process, kernel and devices share. */
export interface Machine {
  readonly memory: Memory;
  readonly driver: DriverState;
  readonly smmus: Smmus;
  /** Parallel to `platform.devices`. */
  readonly devices: readonly DmaDevice[];
}

/** A world and, where its hardware is followed, the machine under it. */
export interface System {
  readonly world: World;
  readonly machine: Machine | null;
}

/** The rules that a system follows: the kernel's and the pSMMU's, and what the driver flushes. */
export interface SystemRules {
  readonly rules: Rules;
  readonly driver: DriverRules;
}

export function bootSystem(platform: Platform, withMachine: boolean): System {
  const world = bootWorld(platform);
  if (!withMachine) return { world, machine: null };
  const driver = probedDriver(platform);
  return {
    world,
    machine: {
      memory: EMPTY_MEMORY,
      driver,
      smmus: bootSmmus(platform, driver),
      devices: platform.devices.map(() => idleDevice),
    },
  };
}

/** One command: the world's step, and what the driver does to the hardware while it runs. */
export function stepSystem(
  { world, machine }: System,
  command: Command,
  { rules, driver }: SystemRules,
): { readonly system: System; readonly result: Result } {
  const { world: after, result, effects } = step(world, command, rules);
  if (machine === null) return { system: { world: after, machine }, result };
  const driven = drive(machine.driver, world, after, effects, driver);
  return {
    system: {
      world: after,
      machine: {
        ...machine,
        driver: driven.state,
        smmus: actOn(machine.smmus, driven.actions),
        devices: noteInterrupts(machine.devices, world, after, command, result),
      },
    },
    result,
  };
}

/** What a pSMMU reads at a physical address: RAM, or the driver's own structures. */
export function readPhysical(world: World, { memory, driver }: Machine): ReadMemory64 {
  return (address) => {
    const offset = ramOffsetOf(world.platform, address);
    return offset === null ? readDriverMemory(driver, world, address) : readWord64(memory, offset);
  };
}
