import { describe, expect, it } from 'vitest';
import { search } from '../../../checker/explore/search.ts';
import { selectRules } from '../../../checker/select/rules.ts';
import { PROPERTIES } from '../../../properties/index.ts';
import { explorationByName } from '../../../workload/alphabet/index.ts';

interface Case {
  readonly symmetry: boolean;
  readonly defects: readonly string[];
  readonly depth: number | null;
}

/** Everything that a search tells, with the number of each state and the way by which it was first come to. */
async function toldBy(
  workers: number,
  { symmetry, defects, depth }: Case,
): Promise<{ readonly told: object; readonly violations: number; readonly shares: readonly number[] }> {
  const exploration = explorationByName('attach-slice:2,2,3');
  if (exploration === undefined) throw new Error('there is no such slice');
  const selection = await selectRules([], defects);
  const properties = PROPERTIES.filter(({ id }) => id === 'references-counted');
  const plan = { exploration, selection, properties, symmetry, depth };
  const unlimited = { maxStates: null, timeLimit: null } as const;
  const searched = await search({ ...plan, ...unlimited, workers, together: true });
  const { visited, seconds: _, shares, ...told } = searched;
  const ways = Array.from({ length: visited.size }, (__, state) => {
    const [lo, hi] = [visited.loOf(state), visited.hiOf(state)];
    return `${lo} ${hi} from ${visited.parentOf(state)} by ${visited.moveTo(state)}`;
  });
  return { told: { ...told, ways }, violations: told.sightings.length, shares };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

const NONE: readonly string[] = [];

describe('several workers', () => {
  it.each([
    { workers: 2, symmetry: true, defects: NONE, depth: null },
    { workers: 3, symmetry: true, defects: ['detach-keeps-reference'], depth: 7 },
    { workers: 2, symmetry: false, defects: ['detach-keeps-reference'], depth: 5 },
  ])(
    'give the states, the numbers and the traces of one: $workers, symmetry $symmetry, $defects',
    async ({ workers, ...each }) => {
      const one = await toldBy(1, each);
      const several = await toldBy(workers, each);
      expect(several.told).toEqual(one.told);
      // Who does how much is a matter of time; together they do what one does.
      expect(several.shares).toHaveLength(workers);
      expect(sum(several.shares)).toBe(sum(one.shares));
      expect(one.violations > 0).toBe(each.defects.length > 0);
    },
  );
});
