import { COMMANDS } from '../model/commands.ts';
import type { CommandName } from '../model/world/command.ts';
import type { Result } from '../model/world/result.ts';
import type { World } from '../model/world/world.ts';
import type { Property, Run, Transition } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { UsageError } from './select/usage-error.ts';
import { type Watch, watchOf, without } from './watch.ts';

/** How often each command ended how: `ok` or the name of an errno. Commands that were never made have no outcome. */
export type Coverage = Readonly<Record<CommandName, Readonly<Record<string, number>>>>;

/** What a monitor has seen, as plain data. */
export interface MonitorState {
  readonly coverage: Coverage;
  /** Scopes by ids of properties. */
  readonly witnesses: Readonly<Record<string, string>>;
}

/** What a whole check has seen: every command with every outcome, and the witnesses of the properties. */
export class Monitor {
  /** Properties that still lack a witness. */
  unseen: Watch;
  readonly #counts = new Map<CommandName, Map<string, number>>();
  readonly #witnessed = new Map<string, string>();

  constructor(properties: readonly Property[]) {
    this.unseen = watchOf(properties);
  }

  count(command: CommandName, result: Result): void {
    let row = this.#counts.get(command);
    if (row === undefined) {
      row = new Map();
      this.#counts.set(command, row);
    }
    const outcome = result.ok ? 'ok' : result.errno;
    row.set(outcome, (row.get(outcome) ?? 0) + 1);
  }

  seeWorld(world: World, scope: Scope): void {
    for (const property of this.unseen.state)
      if (isReached(() => property.witness(world))) this.#witness(property, scope);
  }

  seeStep(transition: Transition, scope: Scope): void {
    for (const property of this.unseen.step)
      if (isReached(() => property.witness(transition))) this.#witness(property, scope);
  }

  seeEnd(world: World, scope: Scope): void {
    for (const property of this.unseen.reachability)
      if (isReached(() => property.witness(world))) this.#witness(property, scope);
  }

  seeRun(run: Run, scope: Scope): void {
    for (const property of this.unseen.pair)
      if (isReached(() => property.witness(run))) this.#witness(property, scope);
  }

  /** The scope in which a property's witness was first reached; null while it was not. */
  witnessOf(property: Property): string | null {
    return this.#witnessed.get(property.id) ?? null;
  }

  /** Every command in the order of its interface, outcomes by name with `ok` first. */
  coverage(): Coverage {
    const rows = (Object.keys(COMMANDS) as CommandName[]).map((command) => {
      const row = [...(this.#counts.get(command) ?? [])].sort(([a], [b]) => byOutcome(a, b));
      return [command, Object.fromEntries(row)];
    });
    // One row for each key of COMMANDS, which are the command names.
    return Object.fromEntries(rows) as Coverage;
  }

  /** Remembers what was seen so far; what it gives takes back what is seen after that. */
  mark(): () => void {
    const unseen = this.unseen;
    const counts = [...this.#counts].map(([command, row]) => [command, new Map(row)] as const);
    const witnessed = [...this.#witnessed];
    return () => {
      this.unseen = unseen;
      this.#counts.clear();
      for (const [command, row] of counts) this.#counts.set(command, row);
      this.#witnessed.clear();
      for (const [property, scope] of witnessed) this.#witnessed.set(property, scope);
    };
  }

  state(): MonitorState {
    return { coverage: this.coverage(), witnesses: Object.fromEntries(this.#witnessed) };
  }

  #witness(property: Property, scope: Scope): void {
    this.#witnessed.set(property.id, scope.name);
    this.unseen = without(this.unseen, property);
  }
}

/** A witness may meet what cannot be, in a world that a defect has corrupted: there it is not reached. */
function isReached(witness: () => boolean): boolean {
  try {
    return witness();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return false;
  }
}

/** What several checks have seen together. */
export function mergeCoverage(coverages: readonly Coverage[]): Coverage {
  const rows = (Object.keys(COMMANDS) as CommandName[]).map((command) => {
    const row = new Map<string, number>();
    for (const coverage of coverages) {
      for (const [outcome, count] of Object.entries(coverage[command]))
        row.set(outcome, (row.get(outcome) ?? 0) + count);
    }
    return [command, Object.fromEntries([...row].sort(([a], [b]) => byOutcome(a, b)))];
  });
  return Object.fromEntries(rows) as Coverage;
}

/** `ok`, then the errnos by name. */
export function byOutcome(a: string, b: string): number {
  if (a === 'ok' || b === 'ok') return a === b ? 0 : a === 'ok' ? -1 : 1;
  return a < b ? -1 : 1;
}
