import type { Platform } from '../model/platform/platform.ts';
import type { Rules } from '../model/rules.ts';
import { entriesOf, type Log } from '../model/smmu/permitted/history.ts';
import type { Command } from '../model/world/command.ts';
import type { System } from './linux/system.ts';
import type { SaidCommands } from './recorder/vmm-logs.ts';

/** A command of the recorded system, and the line that tells of it. */
export interface KeptCommand {
  readonly command: Command;
  readonly line: number;
}

/** Where a recorded system did what it did: on this machine, under the rules that are known of the system. */
export interface Place {
  readonly platform: Platform;
  readonly rules: Rules;
  /** What the VMM's log says of its guest's commands; absent: there is no such log. */
  readonly said?: SaidCommands;
}

/** A recorded system with all that it did. */
export interface Kept extends Place {
  readonly commands: readonly KeptCommand[];
}

/** Is told what a recorded system does, command by command, and that this was all. */
export interface Keeper {
  take(kept: KeptCommand): void;
  end(): void;
}

/** Takes what a replay goes through, once it is known where. */
export type Keep = (place: Place) => Keeper;

/** Which line each command of a system is from. */
export class CommandLines {
  readonly #lines = new Map<Command, number>();

  /** What a system has done since this was called before was of this line. */
  note({ machine }: System, line: number): void {
    for (let at: Log<Command> = machine.commands ?? null; at !== null; at = at.older) {
      if (this.#lines.has(at.entry)) return;
      this.#lines.set(at.entry, line);
    }
  }

  of({ machine }: System): readonly KeptCommand[] {
    const commands = [...entriesOf(machine.commands ?? null)].reverse();
    return commands.map((command) => ({ command, line: this.#lines.get(command) ?? 0 }));
  }
}
