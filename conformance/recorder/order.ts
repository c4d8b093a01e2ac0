import type { Rules } from '../../model/rules.ts';
import { agree, answered, recorded } from '../linux/answer.ts';
import { type Cdevs, commandOf } from '../linux/process.ts';
import { distinct, type System, stepSystem } from '../linux/system.ts';
import type { Told } from './translator.ts';

/** Steps that are tried for calls that the kernel worked on at the same time. */
const MOST_STEPS = 2000;

/** An order of calls. */
export interface Order {
  readonly calls: readonly Told[];
  /** Whether the model gives every answer in it. */
  readonly explains: boolean;
}

/**
 * Calls of several threads: each is written when it has ended, and where the kernel worked on several at once, nobody knows in
 * which order it took them. Of the orders that are possible the first that explains every answer; where none does, the one that
 * explains the most of them before the first that it does not, and behind these the others as they were recorded.
 */
export function orderOf(calls: readonly Told[], system: System, rules: Rules, cdevs: Cdevs): Order {
  let best: readonly Told[] = [];
  const search = new Search(rules, cdevs, (order) => {
    if (order.length > best.length) best = order;
    return order.length === calls.length;
  });
  search.from(system, calls, []);
  const rest = calls.filter((each) => !best.includes(each));
  return { calls: [...best, ...rest], explains: rest.length === 0 };
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
  const search = new Search(rules, cdevs, (order, after) => {
    if (order.length === calls.length) ends.push(after);
    return false;
  });
  search.from(system, calls, []);
  return search.isExhausted ? null : distinct(ends);
}

/** Told of each beginning of an order that explains its answers, and where it leads; true ends the search. */
type Explained = (order: readonly Told[], after: System) => boolean;

class Search {
  readonly #rules: Rules;
  readonly #cdevs: Cdevs;
  readonly #explained: Explained;
  #steps = 0;

  constructor(rules: Rules, cdevs: Cdevs, explained: Explained) {
    this.#rules = rules;
    this.#cdevs = cdevs;
    this.#explained = explained;
  }

  /** Whether there was more to try than was tried. */
  get isExhausted(): boolean {
    return this.#steps > MOST_STEPS;
  }

  from(now: System, left: readonly Told[], order: readonly Told[]): boolean {
    if (this.#explained(order, now)) return true;
    for (const next of left) {
      if (left.some((other) => other !== next && isBefore(other, next))) continue;
      if (this.#steps++ > MOST_STEPS) return true;
      const after = this.#after(next, now);
      if (after === null) continue;
      const others = left.filter((other) => other !== next);
      if (this.from(after, others, [...order, next])) return true;
    }
    return false;
  }

  /** What a call leads to if the model gives its answer; null: it does not. */
  #after({ line, actor }: Told, system: System): System | null {
    const command = commandOf(line, actor, this.#cdevs, system.world);
    if (command === null) return system;
    const { system: after, result } = stepSystem(system, command, this.#rules);
    return agree(recorded(line), answered(line, command, result)) ? after : null;
  }
}

/** Whether one had ended when the other began. */
function isBefore({ line: a }: Told, { line: b }: Told): boolean {
  return a.seq < (b.begin ?? b.seq);
}
