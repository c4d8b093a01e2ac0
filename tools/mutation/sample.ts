import { folderOf } from '../../checker/measure/code-mutation.ts';
import { runSeed } from '../../checker/random/seed.ts';
import type { Made } from './instrument.ts';

/** Each folder has this many, or all that it has: a small one would else have none. */
const LEAST = 8;

/**
 * About so many of the mutants, each folder by its share. Which ones depends on the seed and on what each does alone, so that most
 * stay the same where the sources change.
 */
export function sampleOf(mutants: readonly Made[], size: number, seed: number): readonly Made[] {
  const folders = [...new Set(mutants.map(({ fileName }) => folderOf(fileName)))];
  return folders.flatMap((folder) => {
    const inFolder = mutants.filter(({ fileName }) => folderOf(fileName) === folder);
    const share = Math.max(LEAST, Math.ceil((size * inFolder.length) / mutants.length));
    return ranked(inFolder, seed).slice(0, share);
  });
}

function ranked(mutants: readonly Made[], seed: number): readonly Made[] {
  const seen = new Map<string, number>();
  return mutants
    .map((mutant) => {
      const what = `${mutant.fileName} ${mutant.mutatorName} ${mutant.replacement}`;
      const nth = seen.get(what) ?? 0;
      seen.set(what, nth + 1);
      return { mutant, rank: runSeed(seed, what, nth) };
    })
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ mutant }) => mutant);
}
