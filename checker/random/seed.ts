/**
 * The seed of one run: a function of the check's seed, the scope's name and the run's number alone, so that a run
 * is the same whatever ran before it and wherever it runs (FNV-1a, then the finaliser of MurmurHash3).
 */
export function runSeed(seed: number, scope: string, run: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${scope}/${run}`) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
