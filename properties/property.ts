import type { Platform } from '../model/platform/platform.ts';
import type { Rules } from '../model/rules.ts';
import type { Step } from '../model/step.ts';
import type { Command } from '../model/world/command.ts';
import type { World } from '../model/world/world.ts';

/** One command and what it did. */
export interface Transition extends Step {
  readonly before: World;
  readonly command: Command;
  /** Why the command had no answer, where it had none. */
  readonly thrown?: string;
}

/** A whole run from a platform's first world. */
export interface Run {
  readonly initial: World;
  readonly transitions: readonly Transition[];
}

/**
 * What a property says in words when it is violated: one sentence about this world or step, naming objects and
 * addresses. Null where it holds.
 */
export type Violation = string | null;

interface Documented {
  /** kebab-case, unique. */
  readonly id: string;
  /** What holds, in one sentence. */
  readonly sentence: string;
  /** The thread, kernel document or architecture section that promises it. */
  readonly source: string;
  /** Whether it can mean anything on a platform; left out: wherever VFIO has devices. Elsewhere it is not looked at. */
  appliesTo?(platform: Platform): boolean;
  /** It states a preference rather than a promise: a design that does without it costs it, and does not violate anything. */
  readonly wish?: true;
  /** The override that must break it: a property that nothing breaks says nothing. Of a wish: `intended`, the rules themselves. */
  readonly brokenBy: string;
}

/** Holds in every reachable world. */
export interface StateProperty extends Documented {
  readonly kind: 'state';
  violated(world: World): Violation;
  /** Whether this world is one for which the property means something. */
  witness(world: World): boolean;
}

/** Holds for every step. */
export interface StepProperty extends Documented {
  readonly kind: 'step';
  violated(transition: Transition): Violation;
  witness(transition: Transition): boolean;
}

/** From every reachable world some continuation leads to a goal. */
export interface ReachabilityProperty extends Documented {
  readonly kind: 'reachability';
  /**
   * The goal is the same from everywhere: a state from which the first one can be reached again has the property if
   * the first one has. Left out: what is to be reached depends on the state.
   */
  readonly sameGoal?: true;
  violated(world: World, rules: Rules): Violation;
  witness(world: World): boolean;
}

/** Compares a run with another one made from it. */
export interface PairProperty extends Documented {
  readonly kind: 'pair';
  violated(run: Run, rules: Rules): Violation;
  witness(run: Run): boolean;
}

/** A property of any kind. */
export type Property = StateProperty | StepProperty | ReachabilityProperty | PairProperty;
