import { bootWorld } from '../../model/boot.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import type { CallsProperty, CallsWatch } from '../../properties/calls/index.ts';
import type { Property, Run, Transition, Violation } from '../../properties/property.ts';

/** What a recording can be held to. */
export type Judged = Property | CallsProperty;

/** Where and how a property is violated. */
export interface Broken {
  /** After how many commands; all of them where it is about how it ends. */
  readonly commands: number;
  readonly violation: string;
}

/** A longer run is not made again and again, which is what properties of two runs ask for. */
const MOST_COMPARED = 400;

interface Watched {
  readonly property: Judged;
  readonly calls: CallsWatch | null;
  broken: Broken | null;
  witnessed: boolean;
}

/**
 * A recorded system, command by command, under the eyes of properties. It goes on behind a violation: what was recorded went on,
 * too, and other properties have their own.
 */
export class Walk {
  world: World;
  readonly #initial: World;
  readonly #rules: Rules;
  readonly #watched: readonly Watched[];
  readonly #byKind: Readonly<Record<Judged['kind'], readonly Watched[]>>;
  readonly #transitions: Transition[] | null;
  #commands = 0;
  #hasNews = false;

  constructor(platform: Platform, rules: Rules, properties: readonly Judged[]) {
    this.world = bootWorld(platform);
    this.#initial = this.world;
    this.#rules = rules;
    this.#watched = properties.map((property) => ({
      property,
      calls: property.kind === 'calls' ? property.watch() : null,
      broken: null,
      witnessed: false,
    }));
    const of = (kind: Judged['kind']): readonly Watched[] =>
      this.#watched.filter(({ property }) => property.kind === kind);
    this.#byKind = {
      state: of('state'),
      step: of('step'),
      reachability: of('reachability'),
      pair: of('pair'),
      calls: of('calls'),
    };
    this.#transitions = this.#byKind.pair.length > 0 ? [] : null;
    this.#look();
  }

  /** Carries a command out. */
  apply(command: Command): Result {
    const before = this.world;
    const { world, result, effects } = step(before, command, this.#rules);
    this.world = world;
    this.#commands++;
    const transition: Transition = { before, command, world, result, effects };
    if (this.#transitions !== null && this.#transitions.length <= MOST_COMPARED)
      this.#transitions.push(transition);
    for (const watched of this.#byKind.step) {
      const { property } = watched;
      if (property.kind !== 'step') continue;
      this.#judge(watched, () => property.violated(transition));
      if (!watched.witnessed) watched.witnessed = property.witness(transition);
    }
    if (this.#byKind.calls.length > 0) for (const call of callsOf(transition, this.#rules)) this.#see(call);
    if (world !== before) this.#look();
    return result;
  }

  /** Looks at what is about the whole. */
  end(): void {
    for (const watched of this.#byKind.reachability) {
      const { property } = watched;
      if (property.kind !== 'reachability') continue;
      this.#judge(watched, () => property.violated(this.world, this.#rules));
      watched.witnessed ||= property.witness(this.world);
    }
    for (const watched of this.#byKind.calls) {
      const { calls } = watched;
      if (calls !== null) this.#judge(watched, () => calls.end(this.world));
      watched.witnessed ||= calls?.witnessed === true;
    }
    if (this.#transitions === null || this.#transitions.length > MOST_COMPARED) return;
    const run: Run = { initial: this.#initial, transitions: this.#transitions };
    for (const watched of this.#byKind.pair) {
      const { property } = watched;
      if (property.kind !== 'pair') continue;
      this.#judge(watched, () => property.violated(run, this.#rules));
      watched.witnessed ||= property.witness(run);
    }
  }

  /** Whether a property was violated since this was asked before. */
  takeNews(): boolean {
    const has = this.#hasNews;
    this.#hasNews = false;
    return has;
  }

  brokenOf(property: Judged): Broken | null {
    return this.#watched.find((each) => each.property === property)?.broken ?? null;
  }

  isWitnessed(property: Judged): boolean {
    return this.#watched.find((each) => each.property === property)?.witnessed === true;
  }

  #look(): void {
    for (const watched of this.#byKind.state) {
      const { property } = watched;
      if (property.kind !== 'state') continue;
      this.#judge(watched, () => property.violated(this.world));
      if (!watched.witnessed) watched.witnessed = property.witness(this.world);
    }
  }

  #see(call: Transition): void {
    for (const watched of this.#byKind.calls) {
      const { calls } = watched;
      if (calls !== null) this.#judge(watched, () => calls.see(call));
    }
  }

  /** Only the first violation of each is told. */
  #judge(watched: Watched, violated: () => Violation): void {
    if (watched.broken !== null && watched.calls === null) return;
    const violation = violated();
    if (violation === null || watched.broken !== null) return;
    watched.broken = { commands: this.#commands, violation };
    this.#hasNews = true;
  }
}

/** The calls of VMMs in a step: the step itself, or what a VMM that is modelled did meanwhile. */
function* callsOf(transition: Transition, rules: Rules): Generator<Transition> {
  const { before, command, effects } = transition;
  if (command.actor.startsWith('vmm:')) {
    yield transition;
    return;
  }
  let world = before;
  for (const effect of effects) {
    if (effect.kind !== 'vmmCall') continue;
    const done = step(world, effect.command, rules);
    yield { before: world, command: effect.command, ...done };
    world = done.world;
  }
}
