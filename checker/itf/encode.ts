import { Execution, type Setting } from '../run.ts';
import type { Trace } from '../trace/trace.ts';
import { NOTHING } from '../watch.ts';
import { type ItfValue, toItf } from './values.ts';

/** Where the format is described. */
const DESCRIPTION = 'https://apalache-mc.org/docs/adr/015adr-trace.html';

/** The variables of every state. */
export const VARIABLES = ['action', 'answer', 'world'] as const;

/** What the first state has for an action and an answer: nothing has happened yet. */
export const INITIAL = 'init';

/**
 * A trace in the Informal Trace Format, for the tools around Apalache and Quint: a state for each world, with the
 * call that led to it (`action`: its command as tag) and how it was answered. What a trace says beside its steps is
 * under `#meta`.
 */
export function traceToItf(trace: Trace, setting: Setting): object {
  const execution = new Execution(setting, NOTHING);
  const states: object[] = [state(0, { tag: INITIAL, value: {} }, { tag: INITIAL, value: {} }, execution)];
  for (const [index, { result, ...call }] of trace.steps.entries()) {
    execution.apply(call);
    const { actor, command, args, as } = call;
    const action = { tag: command, value: toItf({ actor, args, as }) };
    states.push(state(index + 1, action, toItf(result), execution));
  }
  const { format: _, steps: __, ...about } = trace;
  return {
    '#meta': { format: 'ITF', 'format-description': DESCRIPTION, source: 'nestcheck', ...about },
    params: [],
    vars: VARIABLES,
    states,
  };
}

function state(index: number, action: ItfValue, answer: ItfValue, { world }: Execution): object {
  return { '#meta': { index }, action, answer, world: toItf(world) };
}
