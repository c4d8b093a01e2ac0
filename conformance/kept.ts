import type { Platform } from '../model/platform/platform.ts';
import type { Rules } from '../model/rules.ts';
import { entriesOf, type Log } from '../model/smmu/permitted/history.ts';
import type { Command } from '../model/world/command.ts';
import type { System } from './linux/system.ts';

/** A command of the recorded system, and the line that tells of it. */
export interface KeptCommand {
  readonly command: Command;
  readonly line: number;
}

/** What a recorded system did, in the model's terms: on this machine, under the rules that are known of the system. */
export interface Kept {
  readonly platform: Platform;
  readonly rules: Rules;
  readonly commands: readonly KeptCommand[];
}

/** Takes what a replay went through. */
export type Keep = (kept: Kept) => void;

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
