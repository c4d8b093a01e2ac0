import fc from 'fast-check';
import { bootWorld } from '../../model/boot.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { complaintOf } from '../../model/door.ts';
import { KEEPS_PROGRESS, type Step, step } from '../../model/step.ts';
import { sameState } from '../../model/world/equal.ts';
import type { Effect } from '../../model/world/result.ts';
import { decodeState, encodeState, whyNotCanonical } from '../../model/world/text.ts';
import type { World } from '../../model/world/world.ts';
import type { Setting } from '../run.ts';
import { traceToJson } from '../trace/encode.ts';
import { parseTrace } from '../trace/parse.ts';
import { TRACE_FORMAT, type Trace, type TraceStep } from '../trace/trace.ts';
import { arbitraryCalls, type Walk } from './arbitrary.ts';
import type { Generate } from './engine.ts';

/*
 * That the model is a total function of plain data: whatever calls parse, each has an answer, in a canonical world; the
 * world before is not touched, and a refused command leaves it the same; and the whole is a trace that reads back.
 */

/** How often a whole world is written and read back; all of it that is new is looked at with each step. */
const WHOLE_EVERY = 499;

/** A run that is looked at as it goes. */
class Looked {
  world: World;
  bindings: Bindings = NO_BINDINGS;
  /** What is wrong; nothing can be done after that. */
  why: string | null;
  readonly #setting: Setting;
  readonly #known = new WeakSet<object>();
  readonly #steps: TraceStep[] = [];

  constructor(setting: Setting) {
    this.#setting = setting;
    this.world = bootWorld(setting.scope.platform);
    const boot = whyNotCanonical(this.world, this.#known);
    this.why = boot === null ? null : `the first world${boot}`;
    freeze(this.world);
  }

  apply(call: Call): void {
    if (this.why !== null) return;
    try {
      const { rules } = this.#setting;
      const done = step(this.world, resolveCall(call, this.bindings), rules);
      this.why = this.#whyWrong(call, done);
      if (this.why !== null) return;
      if (done.world !== this.world) freeze(done.world);
      this.#steps.push({ ...call, result: done.result });
      this.bindings = bindResult(call, done.result, this.bindings);
      this.world = done.world;
    } catch (error) {
      this.why = `${call.command} throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
  }

  #whyWrong({ command }: Call, { world, result, effects }: Step): string | null {
    const known = this.#known;
    const why =
      whyNotCanonical(world, known) ??
      whyNotCanonical(result, known) ??
      whyNotCanonical(effects, known) ??
      innerComplaint(effects);
    if (why !== null) return `what ${command} gives${why}`;
    if (!result.ok && world !== this.world && !KEEPS_PROGRESS.has(command))
      return `${command} is refused with ${result.errno} and changes the world`;
    if (this.#steps.length % WHOLE_EVERY !== WHOLE_EVERY - 1) return null;
    const text = encodeState(world);
    return encodeState(decodeState(text)) === text
      ? null
      : `the world after ${command} is another once it is read back`;
  }

  end(): string | null {
    return this.why ?? whyNoTrace(this.#setting, this.#steps);
  }
}

/** What is wrong with a run of these calls; null: nothing. */
export function whyNotTotal(setting: Setting, calls: readonly Call[]): string | null {
  const looked = new Looked(setting);
  for (const call of calls) looked.apply(call);
  return looked.end();
}

/** A VMM's own calls come from within: nothing checks them but this. */
function innerComplaint(effects: readonly Effect[]): string | null {
  for (const effect of effects) {
    if (effect.kind !== 'vmmCall') continue;
    const complaint = complaintOf(effect.command);
    if (complaint !== null) return `: its VMM calls what is no command: ${complaint}`;
  }
  return null;
}

function whyNoTrace({ scope }: Setting, steps: readonly TraceStep[]): string | null {
  const about = { design: {}, defects: [], property: null, guarantee: null, violation: null };
  const trace: Trace = { format: TRACE_FORMAT, scope: scope.name, ...about, steps };
  try {
    // The layout of a file takes most of the time, and is not what this is about.
    const read = parseTrace(JSON.stringify(traceToJson(trace)));
    return sameState(read.steps, steps) ? null : 'its trace is another once it is read back';
  } catch (error) {
    return `its trace cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const frozen = new WeakSet<object>();

/** Makes what a step must not touch untouchable. */
function freeze(state: object): void {
  if (frozen.has(state)) return;
  frozen.add(state);
  Object.freeze(state);
  for (const part of Object.values(state))
    if (typeof part === 'object' && part !== null) freeze(part as object);
}

/** A run that is not as it should be: how it was made, as short as it could be made, and what is wrong. */
export interface NotTotal {
  readonly scope: string;
  readonly calls: readonly Call[];
  readonly why: string;
}

/** Looks at so many runs of any calls; the first that is not as it should be, or null. */
export function lookForNotTotal(
  setting: Setting,
  generate: Generate,
  { runs, steps, seed }: { readonly runs: number; readonly steps: number; readonly seed: number },
): NotTotal | null {
  // A run is looked at while it is made, also where the last of its calls throws: so it can be made shorter.
  const seen = new WeakMap<readonly Call[], string | null>();
  const walk: Walk = (draw) => {
    const looked = new Looked(setting);
    const calls: Call[] = [];
    while (calls.length < steps && looked.why === null) {
      const call = generate(setting.scope, looked.world, looked.bindings, draw);
      calls.push(call);
      looked.apply(call);
    }
    seen.set(calls, looked.end());
    return calls;
  };
  const whyNot = (calls: readonly Call[]): string | null =>
    seen.get(calls) ?? (seen.has(calls) ? null : whyNotTotal(setting, calls));
  const property = fc.property(arbitraryCalls(walk), (calls) => whyNot(calls) === null);
  const { counterexample } = fc.check(property, { seed, numRuns: runs });
  const calls = counterexample?.[0];
  if (calls === undefined) return null;
  return { scope: setting.scope.name, calls, why: whyNot(calls) ?? 'nothing, at the second time' };
}
