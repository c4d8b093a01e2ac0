import { describe, expect, it } from 'vitest';
import { search } from '../../../checker/explore/search.ts';
import { intended } from '../../../model/rules.ts';
import { explorationByName } from '../../../properties/alphabet/index.ts';

/** Everything that a search tells, with the way by which each state was first come to, whatever its number is. */
async function toldBy(workers: number, symmetry: boolean): Promise<unknown> {
  const exploration = explorationByName('attach-slice:2,2,3');
  if (exploration === undefined) throw new Error('there is no such slice');
  const selection = { rules: intended, design: {}, defects: [] };
  const plan = { exploration, selection, properties: [], symmetry, depth: symmetry ? null : 5 };
  const searched = await search({ ...plan, maxStates: null, timeLimit: null, workers });
  const { visited, seconds: _, ...told } = searched;
  const print = (state: number): string => `${visited.loOf(state)} ${visited.hiOf(state)}`;
  const ways = Array.from({ length: visited.size }, (__, state) => {
    return `${print(state)} from ${print(visited.parentOf(state))} by ${visited.moveTo(state)}`;
  });
  return { ...told, ways: ways.sort() };
}

describe('several workers', () => {
  it.each([
    { workers: 2, symmetry: true },
    { workers: 3, symmetry: true },
    { workers: 2, symmetry: false },
  ])(
    'give the results and the traces of one: $workers, symmetry $symmetry',
    async ({ workers, symmetry }) => {
      expect(await toldBy(workers, symmetry)).toEqual(await toldBy(1, symmetry));
    },
  );
});
