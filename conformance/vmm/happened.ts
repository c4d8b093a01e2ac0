import type { Rules } from '../../model/rules.ts';
import type { Command } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { type System, stepSystem } from '../linux/system.ts';
import { type Call, callsOf } from './calls.ts';

/** Something that happens to the system: what is called meanwhile, and how it ends. */
export interface Happened {
  readonly system: System;
  readonly calls: readonly Call[];
  readonly result: Result;
}

export type Act = (system: System, rules: Rules) => Happened;

/** A step of the model and what its VMM calls meanwhile. */
export function stepAll(system: System, command: Command, rules: Rules): Happened {
  const { system: after, result, effects } = stepSystem(system, command, rules);
  return { system: after, calls: callsOf(effects), result };
}

export function still(system: System): Happened {
  return { system, calls: [], result: { ok: true, out: {} } };
}

export function after(first: Happened, second: Happened): Happened {
  return { ...second, calls: [...first.calls, ...second.calls] };
}
