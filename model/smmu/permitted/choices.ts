/** Picks one of `count` options, by number. */
export type Choose = (count: number) => number;

/** How many ways may still be tried. Where none is left, not all were. */
export interface Budget {
  left: number;
}

/** Runs something once for every way in which its choices can fall, as far as the budget goes. */
export function* everyWay<T>(run: (choose: Choose) => T, budget?: Budget): Generator<T> {
  let plan: number[] = [];
  for (;;) {
    if (budget !== undefined && --budget.left < 0) return;
    const counts: number[] = [];
    const taken: number[] = [];
    yield run((count) => {
      const option = plan[taken.length] ?? 0;
      counts.push(count);
      taken.push(option);
      return option;
    });
    let last = taken.length - 1;
    while (last >= 0 && (taken[last] ?? 0) + 1 >= (counts[last] ?? 1)) last--;
    if (last < 0) return;
    plan = [...taken.slice(0, last), (taken[last] ?? 0) + 1];
  }
}
