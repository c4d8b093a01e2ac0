import type { Rules } from '../../model/rules.ts';
import type { Command } from '../../model/world/command.ts';
import { everyCommandIsAnswered } from '../../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import type { Attempt } from '../attempt.ts';
import { judged } from '../judged.ts';
import { Monitor, type MonitorState } from '../monitor.ts';
import { type Watch, watchOf, without } from '../watch.ts';
import { Again } from './again.ts';
import { type CandidateList, Candidates } from './candidates.ts';
import { mix0 } from './mix.ts';
import type { Space, State } from './space.ts';
import type { Lookup } from './visited.ts';
import type { WorkQueue } from './work-queue.ts';

/** A state whose moves are still to be made. */
interface Open extends State {
  readonly number: number;
  readonly lo: number;
  readonly hi: number;
  readonly orbit: number;
}

/** A property violated in a state, or by a move from it. */
export interface Sighting {
  /** The property's id. */
  readonly property: string;
  readonly state: number;
  /** The move that violates it; null where the state itself does. */
  readonly move: number | null;
  readonly violation: string;
  /** Orders sightings of one level, by fingerprints alone. */
  readonly rank: number;
}

/** The first state, and the properties that it violates. */
export interface Begun {
  readonly first: { readonly lo: number; readonly hi: number; readonly orbit: number };
  readonly sightings: readonly Sighting[];
}

/** What a level's moves came to. */
export interface Expanded {
  readonly candidates: CandidateList;
  readonly sightings: readonly Sighting[];
  /** Moves made, and the moves of the unreduced system that they stand for. */
  readonly moves: number;
  readonly transitions: number;
  /** Pairs of numbers: a state, and one of an earlier level that a move leads back to. */
  readonly returns: Uint32Array;
}

/** A level as one worker goes through it. */
export interface Level {
  readonly visited: Lookup;
  /** The number of its first state. */
  readonly first: number;
  readonly queue: WorkQueue;
  /** Whose list on the queue is this worker's. */
  readonly worker: number;
}

/** Sightings of one property that are kept from a level. */
export const MOST_SIGHTINGS = 16;

/** Makes the moves of the states that one worker has, and looks at the properties. */
export class Expander {
  readonly #space: Space;
  readonly #rules: Rules;
  readonly #scope: Scope;
  readonly #monitor: Monitor;
  readonly #candidates = new Candidates();
  #watch: Watch;
  /** The states that it found and that are not in an earlier level, or those that it began with. */
  #open: Open[] = [];
  readonly #again: Again;
  /** What it has taken up, of its own states or of another's, and how far it is in that. */
  #batch: readonly Open[] = [];
  #at = 0;
  #end = 0;
  #moves = 0;
  #transitions = 0;
  #returns: number[] = [];
  /** Number of the level's first state. */
  #level = 0;
  #sightings: Sighting[] = [];

  constructor(space: Space, rules: Rules, properties: readonly Property[]) {
    this.#space = space;
    this.#rules = rules;
    this.#scope = space.exploration.scope;
    this.#watch = watchOf(properties);
    this.#monitor = new Monitor(properties);
    this.#again = new Again(space);
  }

  /** Takes the first state. */
  begin(): Begun {
    const state = this.#space.start();
    this.#space.look(state);
    const { lo, hi, orbit } = this.#space;
    this.#open = [{ ...state, number: 0, lo, hi, orbit }];
    this.#lookAt(this.#open[0] as Open);
    const sightings = this.#sightings;
    this.#sightings = [];
    return { first: { lo, hi, orbit }, sightings };
  }

  /**
   * Takes up the states from `first` to the last one by going the shortest ways to them again; tells whether they all
   * have their fingerprints, as they have where the rules and the alphabet are those of the search that saw them.
   */
  reopen(visited: Lookup, first: number, size: number): boolean {
    const space = this.#space;
    const needed = new Uint8Array(size);
    for (let number = size - 1; number > 0; number--)
      if (number >= first || needed[number] === 1) needed[visited.parentOf(number)] = 1;
    const open: Open[] = [];
    // States of the level at hand and of the one before it: only those have children still to come.
    let above = new Map<number, State>();
    let level = new Map<number, State>([[0, space.start()]]);
    let levelStart = 0;
    for (let number = 0; number < size; number++) {
      const parent = visited.parentOf(number);
      if (number > 0 && parent >= levelStart) {
        above = level;
        level = new Map();
        levelStart = number;
      }
      if (number < first && needed[number] === 0) continue;
      const state =
        number === 0 ? level.get(0) : space.repeat(above.get(parent) as State, visited.moveTo(number)).next;
      if (state === undefined) return false;
      level.set(number, state);
      if (number < first) continue;
      space.look(state);
      const { lo, hi, orbit } = space;
      if (lo !== visited.loOf(number) || hi !== visited.hiOf(number)) return false;
      open.push({ ...state, number, lo, hi, orbit });
    }
    this.#open = open;
    return true;
  }

  /** The numbers of the states that it has. */
  get open(): readonly number[] {
    return this.#open.map(({ number }) => number);
  }

  /** Looks at no property again that was violated. */
  forget(properties: readonly string[]): void {
    const { state, step, reachability } = this.#watch;
    for (const property of [...state, ...step, ...reachability])
      if (properties.includes(property.id)) this.#watch = without(this.#watch, property);
  }

  /** Goes on making the level's moves for about so many milliseconds; tells whether none are left to make. */
  expand(level: Level, milliseconds: number): boolean {
    this.#level = level.first;
    const until = performance.now() + milliseconds;
    while (this.#at < this.#end || this.#takeUp(level)) {
      for (; this.#at < this.#end; this.#at++) this.#expandOne(this.#batch[this.#at] as Open, level.visited);
      if (performance.now() > until) return false;
    }
    this.#batch = [];
    this.#again.clear();
    return true;
  }

  #takeUp({ visited, queue, worker }: Level): boolean {
    const batch = queue.take(worker);
    if (batch === null) return false;
    const { start, end } = batch;
    const isOwn = batch.worker === worker;
    const numbers = queue.lists[batch.worker] as Uint32Array;
    this.#batch = isOwn
      ? this.#open
      : Array.from(numbers.subarray(start, end), (number) => this.#regain(visited, number));
    this.#at = isOwn ? start : 0;
    this.#end = isOwn ? end : end - start;
    return true;
  }

  /** A state that another worker found. */
  #regain(visited: Lookup, number: number): Open {
    const state = this.#again.state(visited, number);
    this.#space.look(state);
    const { lo, hi, orbit } = this.#space;
    if (lo !== visited.loOf(number) || hi !== visited.hiOf(number))
      throw new Error(`the way to state ${number} leads to another one`);
    return { ...state, number, lo, hi, orbit };
  }

  /** What the level's moves came to, once they are all made. */
  result(): Expanded {
    const expanded = {
      candidates: this.#candidates.list(),
      sightings: this.#sightings,
      moves: this.#moves,
      transitions: this.#transitions,
      returns: Uint32Array.from(this.#returns),
    };
    this.#returns = [];
    this.#moves = 0;
    this.#transitions = 0;
    this.#sightings = [];
    return expanded;
  }

  /** Learns the numbers of its candidates (-1: somebody else's way won), which are its next level. */
  settle(numbers: Int32Array): readonly Sighting[] {
    const { lo, hi, orbits } = this.#candidates.list();
    const open: Open[] = [];
    for (let at = 0; at < numbers.length; at++) {
      const number = numbers[at] as number;
      if (number < 0) continue;
      const { world, slots } = this.#candidates.states[at] as State;
      const next = {
        world,
        slots,
        number,
        lo: lo[at] as number,
        hi: hi[at] as number,
        orbit: orbits[at] as number,
      };
      open.push(next);
      this.#lookAt(next);
    }
    this.#candidates.clear();
    this.#open = open;
    const sightings = this.#sightings;
    this.#sightings = [];
    return sightings;
  }

  /** Looks at the goals that are the same everywhere in the states whose moves were not made. */
  lookAtRest(): readonly Sighting[] {
    for (const open of this.#open) {
      for (const property of this.#watch.reachability) {
        const violation =
          property.sameGoal === true ? judged(() => property.violated(open.world, this.#rules)) : null;
        if (violation !== null) this.#sight(property.id, open, null, violation);
      }
    }
    const sightings = this.#sightings;
    this.#sightings = [];
    return sightings;
  }

  /** What was met with on the way. */
  seen(): MonitorState {
    return this.#monitor.state();
  }

  #expandOne(open: Open, visited: Lookup): void {
    const space = this.#space;
    const { step: steps } = this.#watch;
    const monitor = this.#monitor;
    const looksAtSteps = steps.length > 0 || monitor.unseen.step.length > 0;
    let last: Attempt | null = null;
    let back = open.number;
    space.follow(open, (next: State, move: number, weight: number, command: Command, done: Attempt) => {
      this.#transitions += weight * open.orbit;
      this.#moves++;
      // Without symmetry one step is followed once for each free slot.
      if (done !== last) {
        last = done;
        monitor.count(command.command, done.result);
        if (looksAtSteps || done.thrown !== undefined) this.#lookAtStep(open, command, done, move);
      }
      if (next === open || (next.world === open.world && next.slots === open.slots)) return;
      space.look(next);
      const { lo, hi } = space;
      if (lo === open.lo && hi === open.hi) return;
      const known = visited.find(lo, hi);
      if (known < 0) this.#candidates.offer(lo, hi, open.number, open.lo, open.hi, move, space.orbit, next);
      else if (known < back) back = known;
    });
    if (back < this.#level) this.#returns.push(open.number, back);
  }

  #lookAtStep(open: Open, command: Command, done: Attempt, move: number): void {
    const transition = { before: open.world, command, ...done };
    // Looked for or not: a command without an answer is always reported.
    if (done.thrown !== undefined) this.#sight(everyCommandIsAnswered.id, open, move, done.thrown);
    for (const property of this.#watch.step) {
      if (property === everyCommandIsAnswered) continue;
      const violation = judged(() => property.violated(transition));
      if (violation !== null) this.#sight(property.id, open, move, violation);
    }
    if (this.#monitor.unseen.step.length > 0) this.#monitor.seeStep(transition, this.#scope);
  }

  #lookAt(open: Open): void {
    const { world } = open;
    for (const property of this.#watch.state) {
      const violation = judged(() => property.violated(world));
      if (violation !== null) this.#sight(property.id, open, null, violation);
    }
    for (const property of this.#watch.reachability) {
      // What can go back to the first state is decided by that one, at the end.
      if (property.sameGoal === true && open.number > 0) continue;
      const violation = judged(() => property.violated(world, this.#rules));
      if (violation !== null) this.#sight(property.id, open, null, violation);
    }
    const { unseen } = this.#monitor;
    if (unseen.state.length > 0) this.#monitor.seeWorld(world, this.#scope);
    if (unseen.reachability.length > 0) this.#monitor.seeEnd(world, this.#scope);
  }

  #sight(property: string, { number, lo, hi }: Open, move: number | null, violation: string): void {
    const rank = mix0(mix0(lo, hi), move ?? -1) >>> 0;
    const sighting = { property, state: number, move, violation, rank };
    const same = this.#sightings.filter((each) => each.property === property);
    if (same.length >= MOST_SIGHTINGS) {
      const worst = same.reduce((a, b) => (a.rank > b.rank ? a : b));
      if (worst.rank < rank) return;
      this.#sightings = this.#sightings.filter((each) => each !== worst);
    }
    this.#sightings.push(sighting);
  }
}
