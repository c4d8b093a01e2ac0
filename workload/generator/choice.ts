/** The only source of choice: a uniform integer in [0, bound), bound ≥ 1. */
export type Draw = (bound: number) => number;

/** One element of a list that has some. */
export function pick<T>(list: readonly T[], draw: Draw): T {
  return list[list.length === 1 ? 0 : draw(list.length)] as T;
}

/** One element, or undefined where there is none. */
export function pickAny<T>(list: readonly T[], draw: Draw): T | undefined {
  return list.length === 0 ? undefined : pick(list, draw);
}

/** One element, mostly the first: so that what a run builds comes together. */
export function pickEarly<T>(list: readonly T[], draw: Draw): T {
  return list[list.length === 1 || draw(4) > 0 ? 0 : draw(list.length)] as T;
}

/** True once in `n` times. */
export function oneIn(n: number, draw: Draw): boolean {
  return draw(n) === 0;
}

/** One of the elements that a predicate accepts; undefined where it accepts none. */
export function pickWhere<T>(
  list: readonly T[],
  accepts: (element: T) => boolean,
  draw: Draw,
): T | undefined {
  let accepted = 0;
  for (const element of list) if (accepts(element)) accepted++;
  if (accepted === 0) return undefined;
  let at = accepted === 1 ? 0 : draw(accepted);
  for (const element of list) {
    if (accepts(element) && at-- === 0) return element;
  }
  return undefined;
}
