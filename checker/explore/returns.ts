import type { Property, ReachabilityProperty } from '../../properties/property.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import { judged } from '../judged.ts';
import type { Selection } from '../record.ts';
import { Again } from './again.ts';
import type { Sighting } from './expander.ts';
import { mix0 } from './mix.ts';
import { movesTo } from './path.ts';
import { Space } from './space.ts';
import type { Lookup } from './visited.ts';

/**
 * From which states the first one can be reached again. A move to an earlier level was noted for almost every state:
 * levels are numbered one after the other, so one pass in that order decides them all.
 */
export class Returns {
  #back = new Uint32Array(1 << 12);

  /** What was noted in another search, as `backs` gave it. */
  static of(backs: Uint32Array | undefined): Returns {
    const returns = new Returns();
    if (backs !== undefined && backs.length > 0) returns.#back = backs.slice();
    return returns;
  }

  /** What was noted for the first so many states, as plain numbers. */
  backs(states: number): Uint32Array {
    const backs = new Uint32Array(states);
    backs.set(this.#back.subarray(0, states));
    return backs;
  }

  note(returns: Uint32Array): void {
    for (let at = 0; at < returns.length; at += 2) {
      const state = returns[at] as number;
      while (state >= this.#back.length) {
        const wider = new Uint32Array(this.#back.length * 2);
        wider.set(this.#back);
        this.#back = wider;
      }
      // Plus one: 0 says that nothing was noted.
      this.#back[state] = (returns[at + 1] as number) + 1;
    }
  }

  /** The states, in their order, of which it is not known. */
  *unknown(states: number): Generator<number> {
    const returns = new Uint8Array(states);
    returns[0] = 1;
    for (let state = 1; state < states; state++) {
      const back = this.#back[state] ?? 0;
      if (back > 0 && returns[back - 1] === 1) returns[state] = 1;
      else yield state;
    }
  }
}

/** Properties whose goal is the same from everywhere. */
export function isSameGoal(property: Property): property is ReachabilityProperty {
  return property.kind === 'reachability' && property.sameGoal === true;
}

/**
 * What the graph leaves open, state by state: whether the property's own continuation, which is free to use commands
 * that are not of the alphabet, reaches the goal. Looks no further than the level in which every property is violated.
 */
export function lookAtUnknown(
  { exploration, selection, symmetry }: { exploration: Exploration; selection: Selection; symmetry: boolean },
  properties: readonly ReachabilityProperty[],
  visited: Lookup,
  unknown: Iterable<number>,
): readonly Sighting[] {
  const sightings: Sighting[] = [];
  if (properties.length === 0) return sightings;
  const again = new Again(new Space(exploration, selection.rules, symmetry));
  let left = properties;
  let depth = 0;
  for (const state of unknown) {
    const here = movesTo(visited, state).length;
    if (here > depth) left = left.filter(({ id }) => !sightings.some(({ property }) => property === id));
    depth = here;
    if (left.length === 0) break;
    const { world } = again.state(visited, state);
    for (const property of left) {
      const violation = judged(() => property.violated(world, selection.rules));
      if (violation === null) continue;
      const rank = mix0(mix0(visited.loOf(state), visited.hiOf(state)), -1) >>> 0;
      sightings.push({ property: property.id, state, move: null, violation, rank });
    }
  }
  return sightings;
}
