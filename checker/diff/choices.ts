import type { Draw } from '../../workload/generator/choice.ts';

/** What can be made, each thing once, and whether that is all. */
export interface Outcomes<T> {
  readonly all: readonly T[];
  /** False where the limit ended the enumeration. */
  readonly complete: boolean;
}

/** One way of making something: what it was asked to choose among, and what came of it. */
interface Path<T> {
  readonly bounds: readonly number[];
  readonly made: T;
}

/**
 * How the choices behind one are made, to see whether another value of it matters: always the first, always the last,
 * and two ways without a pattern.
 */
const PROBES: readonly ((at: number, bound: number) => number)[] = [
  () => 0,
  (_, bound) => bound - 1,
  (at, bound) => (Math.imul(at + 1, 0x9e3779b1) >>> 8) % bound,
  (at, bound) => (Math.imul(at + 7, 0x85ebca6b) >>> 8) % bound,
];

/**
 * Everything that `make` can make, by driving its choices through their whole tree, the last choice first. Values of a
 * choice behind which every probe finds the same (most values of a weighted choice) are followed once. `make` must
 * depend on its draws alone, and is called at most `limit` times.
 */
export function outcomesOf<T>(
  make: (draw: Draw) => T,
  keyOf: (made: T) => string,
  limit: number,
): Outcomes<T> {
  const found = new Map<string, T>();
  let left = limit;

  const follow = (prefix: readonly number[], probe: (at: number, bound: number) => number): Path<T> => {
    left--;
    const bounds: number[] = [];
    const made = make((bound) => {
      if (bound <= 1) return 0;
      const at = bounds.push(bound) - 1;
      return prefix[at] ?? probe(at, bound);
    });
    return { bounds, made };
  };

  /** What the probes find behind these choices; `path` is what the first of them found. */
  const signatureOf = (prefix: readonly number[], path: Path<T>): string => {
    const paths = [path, ...PROBES.slice(1).map((probe) => follow(prefix, probe))];
    return paths.map(({ bounds, made }) => `${bounds.join()} ${keyOf(made)}`).join('\n');
  };

  const explore = (prefix: readonly number[], path: Path<T>): void => {
    const bound = path.bounds[prefix.length];
    if (bound === undefined) {
      const key = keyOf(path.made);
      if (!found.has(key)) found.set(key, path.made);
      return;
    }
    const seen = new Set<string>();
    for (let value = 0; value < bound && left > 0; value++) {
      const chosen = [...prefix, value];
      const first = follow(chosen, PROBES[0] as (typeof PROBES)[number]);
      if (first.bounds.length > chosen.length) {
        const signature = signatureOf(chosen, first);
        if (seen.has(signature)) continue;
        seen.add(signature);
      }
      explore(chosen, first);
    }
  };

  explore([], follow([], PROBES[0] as (typeof PROBES)[number]));
  return { all: [...found.values()], complete: left > 0 };
}
