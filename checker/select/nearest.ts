/** How many characters must be put in, left out or changed to make one text of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [done, letter] of [...from].entries()) {
    const next = [done + 1];
    for (const [at, other] of [...to].entries()) {
      const changed = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Those whose name is nearest to what was said, if it is near enough to be meant. */
export function nearestNames<T>(said: string, all: readonly T[], nameOf: (each: T) => string): readonly T[] {
  const far = all.map((each) => distance(said.toLowerCase(), nameOf(each).toLowerCase()));
  const least = Math.min(...far);
  return least <= Math.max(2, said.length / 4) ? all.filter((_, at) => far[at] === least) : [];
}
