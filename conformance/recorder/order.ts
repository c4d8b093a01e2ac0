import type { Rules } from '../../model/rules.ts';
import { recorded } from '../linux/answer.ts';
import type { Cdevs } from '../linux/process.ts';
import { distinct, isSameSystem, type System } from '../linux/system.ts';
import { type Held, type Parts, partsOf, wholeOf } from './parts.ts';
import type { Told } from './translator.ts';

/** Steps that are tried for calls that the kernel worked on at the same time. */
const MOST_STEPS = 4000;

/** An order of calls. */
export interface Order {
  readonly calls: readonly Told[];
  /** Whether the model gives every answer in it. */
  readonly explains: boolean;
  /** Whether it does so only where calls come between the parts of others; absent: no. */
  readonly inParts?: true;
}

/**
 * Calls of several threads: each is written when it has ended, and where the kernel worked on several at once, nobody knows in
 * which order it took them. Of the orders that are possible the first that explains every answer; where none does, the one that
 * explains the most of them before the first that it does not, and behind these the others as they were recorded. An order of whole
 * calls comes first, then one of their parts.
 */
export function orderOf(calls: readonly Told[], system: System, rules: Rules, cdevs: Cdevs): Order {
  const whole = longest(calls, system, new Search(calls, rules, cdevs, false));
  if (whole.explains) return whole;
  const parts = longest(calls, system, new Search(calls, rules, cdevs, true));
  if (parts.explains) return { ...parts, inParts: true };
  return parts.length > whole.length ? parts : whole;
}

interface Longest extends Order {
  /** How many of the calls explain their answers. */
  readonly length: number;
}

function longest(calls: readonly Told[], system: System, search: Search): Longest {
  let best: readonly Told[] = [];
  search.from(system, (order) => {
    if (order.length > best.length) best = order;
    return order.length === calls.length;
  });
  const rest = calls.filter((each) => !best.includes(each));
  return { calls: [...best, ...rest], explains: rest.length === 0, length: best.length };
}

/**
 * Every system, of those that can be told apart, that an order which explains all answers leads to; empty: none does. A later answer
 * may tell which it was. Null: there are too many orders to try.
 */
export function endsOf(
  calls: readonly Told[],
  system: System,
  rules: Rules,
  cdevs: Cdevs,
): readonly System[] | null {
  const ends: System[] = [];
  const search = new Search(calls, rules, cdevs, true);
  search.from(system, (_, after) => {
    if (after !== null) ends.push(after);
    return false;
  });
  return search.isExhausted ? null : distinct(ends);
}

/**
 * Told of each beginning of an order that explains its answers, by the parts in which they are decided, and where it leads once all
 * calls have ended (null: not all have); true ends the search.
 */
type Explained = (order: readonly Told[], after: System | null) => boolean;

class Search {
  readonly #calls: readonly Told[];
  readonly #parts: readonly Parts[];
  /** Which calls had ended when each began. */
  readonly #before: readonly (readonly number[])[];
  readonly #rules: Rules;
  /** Systems that were gone on from, by how far each call had come: what can come of them is known. */
  readonly #visited = new Map<string, System[]>();
  #steps = 0;

  constructor(calls: readonly Told[], rules: Rules, cdevs: Cdevs, inParts: boolean) {
    this.#calls = calls;
    this.#rules = rules;
    this.#before = calls.map((call) =>
      calls.flatMap((other, at) => (other !== call && isBefore(other, call) ? [at] : [])),
    );
    this.#parts = calls.map((call, rank) =>
      inParts ? partsOf(call, rank, overlapping(call, calls), cdevs) : wholeOf(call, cdevs),
    );
  }

  /** Whether there was more to try than was tried. */
  get isExhausted(): boolean {
    return this.#steps > MOST_STEPS;
  }

  from(system: System, explained: Explained): boolean {
    const reached = this.#calls.map(() => 0);
    return this.#goOn(system, reached, [], explained);
  }

  #goOn(now: System, reached: readonly number[], order: readonly Told[], explained: Explained): boolean {
    const isOver = this.#parts.every(({ parts }, at) => reached[at] === parts.length);
    if (explained(order, isOver ? now : null)) return true;
    if (this.#wasHere(now, reached)) return false;
    for (const [at, { parts, decides }] of this.#parts.entries()) {
      const part = parts[reached[at] ?? 0];
      if (part === undefined || this.#before[at]?.some((other) => !this.#hasEnded(other, reached))) continue;
      if (this.#steps++ > MOST_STEPS) return true;
      const after = part(now, this.#rules, this.#closed(at, reached));
      if (after === null) continue;
      const told = this.#calls[at];
      const next = reached[at] === decides && told !== undefined ? [...order, told] : order;
      if (this.#goOn(after, reached.with(at, (reached[at] ?? 0) + 1), next, explained)) return true;
    }
    return false;
  }

  #hasEnded(at: number, reached: readonly number[]): boolean {
    return reached[at] === this.#parts[at]?.parts.length;
  }

  /** Files that let no call in, but for the one that is at it. */
  #closed(by: number, reached: readonly number[]): readonly Held[] {
    return this.#parts.flatMap(({ closes, decides }, at) =>
      closes !== null && at !== by && (reached[at] ?? 0) > decides && !this.#hasEnded(at, reached)
        ? [closes]
        : [],
    );
  }

  #wasHere(now: System, reached: readonly number[]): boolean {
    const key = reached.join();
    const systems = this.#visited.get(key);
    if (systems === undefined) {
      this.#visited.set(key, [now]);
      return false;
    }
    if (systems.some((system) => isSameSystem(system, now))) return true;
    systems.push(now);
    return false;
  }
}

/** How many of them have an answer that the recording gives. */
export function answersOf(calls: readonly Told[]): number {
  return calls.filter(({ line, isInferred }) => isInferred !== true && Object.keys(recorded(line)).length > 0)
    .length;
}

/** The calls that may come between the parts of one. */
function overlapping(call: Told, calls: readonly Told[]): readonly Told[] {
  return calls.filter((other) => other !== call && !isBefore(other, call) && !isBefore(call, other));
}

/** Whether one had ended when the other began. */
function isBefore({ line: a }: Told, { line: b }: Told): boolean {
  return a.seq < (b.begin ?? b.seq);
}
