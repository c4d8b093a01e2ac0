import { describe, expect, it } from 'vitest';
import { callsOf } from '../../../checker/explore/calls.ts';
import { commandsTo } from '../../../checker/explore/path.ts';
import { type Searched, type SearchPlan, search } from '../../../checker/explore/search.ts';
import { Space } from '../../../checker/explore/space.ts';
import type { Selection } from '../../../checker/record.ts';
import { violationOf } from '../../../checker/violation.ts';
import { composeRules, intended, type Rules } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { PROPERTIES } from '../../../properties/index.ts';
import { attachSlice } from '../../../workload/alphabet/attach-slice.ts';
import type { SliceSize } from '../../../workload/scopes/attach-slice.ts';

/** What every engine must count on the slice: distinct states and transitions, by devices, vIOMMUs and HWPTs. */
const PINNED = [
  { size: { devices: 2, viommus: 2, hwpts: 3 }, states: 22_443, transitions: 187_656 },
  { size: { devices: 3, viommus: 2, hwpts: 3 }, states: 142_737, transitions: 1_773_321 },
] as const;

const SMALL = PINNED[0].size;

function select(rules: Rules): Selection {
  return { rules, design: {}, defects: [] };
}

function planOf(size: SliceSize, more: Partial<SearchPlan> = {}): SearchPlan {
  return {
    exploration: attachSlice(size),
    selection: select(intended),
    properties: [],
    symmetry: true,
    depth: null,
    maxStates: null,
    timeLimit: null,
    workers: 1,
    ...more,
  };
}

const explored = (size: SliceSize, more: Partial<SearchPlan> = {}): Promise<Searched> =>
  search(planOf(size, more));

function withOverride(name: string): Rules {
  return composeRules(OVERRIDES.filter((override) => override.name === name));
}

describe('the attach slice through the real model', () => {
  it.each(PINNED)('has $states states and $transitions transitions by its orbits, $size', async (pinned) => {
    const { ended, unreducedStates, transitions, states } = await explored(pinned.size);
    expect({ ended, states: unreducedStates, transitions }).toEqual({
      ended: 'exhausted',
      states: pinned.states,
      transitions: pinned.transitions,
    });
    expect(states).toBeLessThan(pinned.states / 15);
  });

  it('has as many without symmetry, counted one by one', async () => {
    const { states, transitions, depth, bytesPerState } = await explored(SMALL, { symmetry: false });
    expect({ states, transitions }).toEqual({ states: PINNED[0].states, transitions: PINNED[0].transitions });
    expect(depth).toBe(9);
    expect(bytesPerState).toBeLessThan(48);
  });

  it('offers nothing that the kernel refuses', async () => {
    const { seen } = await explored(SMALL);
    const outcomes = Object.entries(seen.coverage).filter(([, row]) => Object.keys(row).length > 0);
    expect(outcomes.map(([command, row]) => [command, Object.keys(row)])).toEqual(
      ['destroy', 'hwptAlloc', 'viommuAlloc', 'vdeviceAlloc', 'vfioAttach', 'vfioDetach'].map((command) => [
        command,
        ['ok'],
      ]),
    );
  });

  it('shows the shortest trace to a violation, the same one with symmetry and without', async () => {
    const properties = PROPERTIES.filter(({ id }) => id === 'vsmmus-have-own-tag');
    const rules = withOverride('vsmmus-share-vmid');
    for (const symmetry of [true, false]) {
      const plan = planOf(SMALL, { selection: select(rules), properties, symmetry, depth: 3 });
      const { sightings, visited } = await search(plan);
      const space = new Space(plan.exploration, rules, symmetry);
      const setting = { scope: plan.exploration.scope, rules };
      for (const { state, move } of sightings) {
        const calls = callsOf(setting, commandsTo(space, visited, state, move));
        // A page table to nest on, and two vIOMMUs on it.
        expect(calls.slice(plan.exploration.prelude.length).map(({ command }) => command)).toEqual([
          'hwptAlloc',
          'viommuAlloc',
          'viommuAlloc',
        ]);
        const [property] = properties;
        if (property !== undefined) expect(violationOf(setting, property, calls)?.calls).toBe(calls.length);
      }
      expect(sightings.length).toBeGreaterThan(0);
    }
  });
});
