import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../checker/assignability/decide.ts';
import { UNIT_KINDS, waysFor } from '../../../checker/assignability/question.ts';
import { cellId, threadWord } from '../../../checker/assignability/report.ts';
import { deriveCell } from '../../../checker/assignability/table.ts';
import { replayTrace } from '../../../checker/replay.ts';
import { selectTraceRules } from '../../../checker/select/rules.ts';
import { readAssignability } from '../../../docs/assignability.ts';
import { whyNot } from '../../../model/pasid/admission.ts';
import { PROPERTIES } from '../../../properties/index.ts';
import { scopeByName } from '../../../properties/scopes/index.ts';
import { DIFFERENCES } from '../../../spec/decisions/thread-table.ts';
import { THREAD_HARDWARE } from '../../../spec/pasid/descriptions.ts';
import {
  ALLOCATIONS,
  contradictionIn,
  ENTRY_FORMS,
  GRANULARITIES,
  type IommuHardware,
  TABLE_POINTERS,
} from '../../../spec/pasid/hardware.ts';

const committed = await readAssignability();

describe('the derived table', () => {
  const cheap = THREAD_HARDWARE.flatMap((hardware) =>
    UNIT_KINDS.flatMap((unit) =>
      (['none', 'translation'] as const).map((viommu) => ({ hardware, unit, viommu })),
    ),
  );

  it.each(cheap.map((cell) => [cellId(cell), cell] as const))(
    '%s is what exploration gives (npm run assignability)',
    (id, { hardware, unit, viommu }) => {
      const cell = deriveCell(hardware, unit, viommu);
      const known = committed.cells.find((each) => each.id === id);
      expect(cell.word).toBe(known?.word);
      expect(cell.answers.map(({ verdict, states }) => [verdict, states])).toEqual(
        known?.ways.map(({ verdict, states }) => [verdict, states]),
      );
    },
  );

  it('says what the thread says, but for the cells that the page explains', () => {
    const differing = committed.cells.filter(({ thread, word }) => thread !== null && thread !== word);
    expect(differing.map(({ id }) => id)).toEqual(DIFFERENCES.map(({ cell }) => cell));
    const compared = committed.cells.filter(({ thread }) => thread !== null);
    expect(compared).toHaveLength(15);
  });

  it('compares with the thread where that has a row', () => {
    const [smmuv3] = THREAD_HARDWARE as [IommuHardware];
    expect(threadWord({ hardware: smmuv3, unit: 'mdev', viommu: 'pasids' })).toBe('shadow + PV (?)');
    expect(threadWord({ hardware: { ...smmuv3, name: 'mine' }, unit: 'vf', viommu: 'none' })).toBeNull();
  });

  it.each(Object.entries(committed.traces))('%s replays', async (_, trace) => {
    const scope = scopeByName(trace.scope);
    const { rules } = await selectTraceRules(trace, []);
    if (scope === undefined) throw new Error(`no scope ${trace.scope}`);
    expect(replayTrace(trace, { scope, rules, properties: PROPERTIES })).toBeNull();
  });
});

/** Descriptions that do not contradict themselves. */
const forms = fc.uniqueArray(fc.constantFrom(...ENTRY_FORMS), { maxLength: 4 });
const arbitraryHardware: fc.Arbitrary<IommuHardware> = fc
  .record({
    name: fc.constant('arbitrary'),
    summary: fc.constant(''),
    source: fc.constant(''),
    withPasid: forms,
    withoutPasid: forms,
    stage2Root: fc.constantFrom(...GRANULARITIES),
    nestingAttribute: fc.constantFrom(...GRANULARITIES),
    pasidTable: fc.constantFrom(...TABLE_POINTERS),
    allocation: fc.constantFrom(...ALLOCATIONS),
    slicesTagged: fc.boolean(),
    translatesPasids: fc.boolean(),
  })
  .filter((hardware) => contradictionIn(hardware) === null);

describe('hardware of any description', () => {
  // With PASIDs the questions are the same, and too many states for a test: the committed table has them.
  const questions = fc.record({
    unit: fc.constantFrom(...UNIT_KINDS),
    viommu: fc.constantFrom('none' as const, 'translation' as const),
    pick: fc.nat(2),
  });

  it('lets a unit be had in a way exactly where the rule says so: nesting takes a root of stage 2 of its own', () => {
    const seen = { works: 0, not: 0 };
    fc.assert(
      fc.property(arbitraryHardware, questions, (hardware, { unit, viommu, pick }) => {
        const ways = waysFor(viommu);
        const way = ways[pick % ways.length];
        if (way === undefined) return;
        const { verdict } = decide({ hardware, unit, viommu, ...way });
        const admitted = whyNot(hardware, { slice: unit === 'mdev', viommu, ...way }) === null;
        seen[verdict === 'works' ? 'works' : 'not']++;
        expect(verdict === 'works').toBe(admitted);
      }),
      { numRuns: 120 },
    );
    expect(Math.min(seen.works, seen.not)).toBeGreaterThan(10);
  });

  it('is refused in the same cases with PASIDs, as the committed table has them', () => {
    for (const { hardware: name, unit, viommu, ways } of committed.cells) {
      const hardware = committed.hardware.find((each) => each.name === name) as IommuHardware;
      for (const { mechanism, paravirtual, verdict } of ways) {
        const asked = { slice: unit === 'mdev', viommu, mechanism, paravirtual };
        expect([name, asked, verdict === 'works']).toEqual([name, asked, whyNot(hardware, asked) === null]);
      }
    }
  });
});
