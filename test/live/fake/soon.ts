import type { LiveReport } from '../../../live/loop.ts';

/**
 * The first difference that one run shows, seed by seed. `soonest` is tried first: a seed whose run shows it, and which is made small in
 * few runs. Where draws have moved, the others are searched.
 */
export async function differenceSoon(
  soonest: number,
  most: number,
  search: (options: { readonly seed: number; readonly runs: number }) => Promise<LiveReport>,
): Promise<LiveReport['findings'][number] | undefined> {
  for (const seed of [soonest, ...Array.from({ length: most }, (_, at) => at + 1)]) {
    const { findings } = await search({ seed, runs: 1 });
    const found = findings.find(({ is }) => is === 'difference');
    if (found !== undefined) return found;
  }
  return undefined;
}
