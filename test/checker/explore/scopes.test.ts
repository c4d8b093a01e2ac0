import { describe, expect, it } from 'vitest';
import { appliesTo } from '../../../checker/applicable.ts';
import { isDecided } from '../../../checker/explore/explore.ts';
import { movesTo } from '../../../checker/explore/path.ts';
import { type Searched, search } from '../../../checker/explore/search.ts';
import { composeRules, intended, type Rules } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { PROPERTIES } from '../../../properties/index.ts';
import { EXPLORATIONS, type Exploration, explorationByName } from '../../../workload/alphabet/index.ts';

/** How deep the unreduced search of each scope is affordable in a test. */
const DEPTHS: Readonly<Record<string, number>> = {
  'one-smmu': 6,
  'two-smmus': 5,
  grouped: 4,
  'two-vms': 5,
  'one-vsmmu': 3,
  'mixed-host': 2,
};

function explored(
  exploration: Exploration,
  symmetry: boolean,
  rules: Rules,
  depth: number,
): Promise<Searched> {
  const properties = PROPERTIES.filter((each) => isDecided(each) && appliesTo(each, exploration.scope));
  const selection = { rules, design: {}, defects: [] };
  return search({
    exploration,
    selection,
    properties,
    symmetry,
    depth,
    maxStates: null,
    timeLimit: null,
    workers: 1,
  });
}

const violated = ({ sightings }: Searched): readonly string[] =>
  [...new Set(sightings.map(({ property }) => property))].sort();

/** Every violated property with the length of its counterexamples. */
function firstOf({ sightings, visited }: Searched): readonly string[] {
  const lengths = sightings.map(({ property, state, move }) => {
    return `${property} ${movesTo(visited, state).length + (move === null ? 0 : 1)}`;
  });
  return [...new Set(lengths)].sort();
}

const cases = EXPLORATIONS.map((exploration) => ({ name: exploration.scope.name, exploration }));

const broken = [
  { name: 'one-smmu', override: 'detach-keeps-reference', depth: 6 },
  { name: 'two-smmus', override: 'vsmmus-share-vmid', depth: 7 },
  { name: 'one-vsmmu', override: 'iommu-id-is-handle', depth: 2 },
] as const;

describe('symmetry', () => {
  it.each(cases)(
    'of $name gives the same verdicts, and orbits that add up to the unreduced search',
    async (each) => {
      const depth = DEPTHS[each.name] ?? 1;
      const reduced = await explored(each.exploration, true, intended, depth);
      const unreduced = await explored(each.exploration, false, intended, depth);
      expect(reduced.unreducedStates).toBe(unreduced.states);
      expect(reduced.transitions).toBe(unreduced.transitions);
      expect(reduced.depth).toBe(unreduced.depth);
      expect(violated(reduced)).toEqual([]);
      expect(violated(unreduced)).toEqual([]);
      expect(Object.keys(reduced.seen.witnesses).sort()).toEqual(
        Object.keys(unreduced.seen.witnesses).sort(),
      );
    },
  );

  it.each(broken)('finds what $override breaks on $name as soon as the unreduced search', async (each) => {
    const exploration = explorationByName(each.name);
    if (exploration === undefined) throw new Error(`there is no scope ${each.name}`);
    const rules = composeRules(OVERRIDES.filter(({ name }) => name === each.override));
    const reduced = await explored(exploration, true, rules, each.depth);
    const unreduced = await explored(exploration, false, rules, each.depth);
    expect(violated(reduced)).not.toEqual([]);
    expect(firstOf(reduced)).toEqual(firstOf(unreduced));
  });
});
