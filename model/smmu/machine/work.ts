import type { Held } from '../../caches/engine.ts';
import { sameState } from '../../world/equal.ts';
import type { Effect } from '../../world/result.ts';
import type { World } from '../../world/world.ts';
import type { DriverState } from '../driver/state.ts';
import type { Entry } from './entry.ts';
import {
  afterAction,
  duringCall,
  effectOf,
  inPieces,
  type Moment,
  refetched,
  settled,
  withMachine,
} from './hardware.ts';
import type { Machine, MachineAction, Work } from './machine.ts';
import type { SmmuMachineRules } from './rules.ts';
import { viewOf } from './view-of.ts';

/**
 * A call gives the driver something to do, in a world that is otherwise as the call leaves it: the driver does all of it,
 * unless the host interrupts it; then all of it is left. Notes what was done among the effects.
 */
export function undertake(
  after: World,
  held: Held<Entry>,
  to: DriverState,
  actions: readonly MachineAction[],
  rules: SmmuMachineRules,
  effects: Effect[],
): World {
  const { driver: from, interrupts } = after.machine as Machine;
  const left = inPieces(actions);
  if (!interrupts || left.length === 0)
    return settled(allDone({ world: after, held }, from, to, left, rules, effects));
  const work: Work = { from, to, left, total: left.length };
  const during = withMachine(after, { driver: duringCall(from, to), interrupts: false, work });
  return settled(refetched(during, held));
}

function allDone(
  start: Moment,
  from: DriverState,
  to: DriverState,
  actions: readonly MachineAction[],
  rules: SmmuMachineRules,
  effects: Effect[],
): Moment {
  let moment = refetched(
    withTables(start.world, actions.length > 0 ? duringCall(from, to) : from),
    start.held,
  );
  for (const action of actions) {
    note(effects, action);
    moment = afterAction(moment, action, rules);
  }
  return { world: withTables(moment.world, to), held: moment.held };
}

function withTables(world: World, driver: DriverState): World {
  const { machine } = world;
  if (machine === null || sameState(driver, machine.driver)) return world;
  return withMachine(world, { driver });
}

/** The driver does the next thing of the call that was interrupted. With the last of them the call returns. */
export function proceed(world: World, work: Work, rules: SmmuMachineRules, effects: Effect[]): World {
  const [action, ...left] = work.left;
  if (action === undefined) return world;
  note(effects, action);
  const { world: acted, held } = afterAction({ world, held: viewOf(world).entries }, action, rules);
  const next =
    left.length > 0
      ? withMachine(acted, { work: { ...work, left } })
      : withMachine(withTables(acted, work.to), { work: null });
  return settled({ world: next, held });
}

/** The driver does all that an interrupted call left: whoever needs it next waits until then. */
export function completed(world: World, rules: SmmuMachineRules, effects: Effect[]): World {
  let current = world;
  for (let work = current.machine?.work ?? null; work !== null; work = current.machine?.work ?? null)
    current = proceed(current, work, rules, effects);
  return current;
}

function note(effects: Effect[], action: MachineAction): void {
  if ((action.kind === 'writeSte' || action.kind === 'writeCd') && action.early !== undefined) {
    const of = action.kind === 'writeSte' ? 'ste' : 'cd';
    effects.push({ kind: 'entryWrittenEarly', of, words: action.words, tables: action.early.tables });
  }
  const effect = effectOf(action);
  if (effect !== null) effects.push(effect);
}
