import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../checker/assignability/decide.ts';
import { UNIT_KINDS, wayName, waysFor } from '../../../checker/assignability/question.ts';
import { threadWord } from '../../../checker/assignability/report.ts';
import { compareWithRule } from '../../../checker/assignability/rule.ts';
import { scopeBehind } from '../../../checker/assignability/scope.ts';
import { cellId, deriveCell } from '../../../checker/assignability/table.ts';
import { Monitor } from '../../../checker/monitor.ts';
import { scopeOfTrace } from '../../../checker/platform/select.ts';
import { explore } from '../../../checker/random/engine.ts';
import { runSeed } from '../../../checker/random/seed.ts';
import { replayTrace } from '../../../checker/replay.ts';
import { selectTraceRules } from '../../../checker/select/rules.ts';
import { watchOf } from '../../../checker/watch.ts';
import { whyNot } from '../../../model/pasid/admission.ts';
import { intended } from '../../../model/rules.ts';
import { PROPERTIES } from '../../../properties/index.ts';
import { PASID_PROPERTIES } from '../../../properties/pasid/index.ts';
import { DIFFERENCES } from '../../../spec/decisions/thread-table.ts';
import { THREAD_HARDWARE, vtd3 } from '../../../spec/pasid/descriptions.ts';
import {
  ALLOCATIONS,
  contradictionIn,
  ENTRY_FORMS,
  GRANULARITIES,
  type IommuHardware,
  TABLE_POINTERS,
} from '../../../spec/pasid/hardware.ts';
import { readAssignability } from '../../../tools/assignability.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { assignabilityScope } from '../../../workload/scopes/assignability.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';

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
  const cheap = (['none', 'translation', 'pasids'] as const).flatMap((viommu) =>
    UNIT_KINDS.flatMap((unit) =>
      waysFor(viommu)
        // What takes longer is left to `npm run rule`: guests with PASIDs of whom there is much to explore.
        .filter(
          ({ mechanism, paravirtual }) =>
            viommu !== 'pasids' || (unit === 'vf' && mechanism === 'nest' && !paravirtual),
        )
        .map((way) => ({ unit, viommu, ...way })),
    ),
  );

  it.each(cheap.map((question) => [question.unit, question.viommu, wayName(question), question] as const))(
    'lets a %s be had by a guest with vIOMMU %s by %s exactly where the rule says so: nesting takes a root of stage 2 of its own',
    (_unit, _viommu, _way, question) => {
      const { differences, descriptions, works } = compareWithRule(question);
      expect(differences).toEqual([]);
      expect(descriptions).toBe(12972);
      const never = question.mechanism === 'direct' && question.viommu !== 'none';
      expect(works > 0).toBe(!never);
    },
  );

  const withPasids = fc.record({
    hardware: arbitraryHardware,
    unit: fc.constantFrom(...UNIT_KINDS),
    way: fc.constantFrom(...waysFor('pasids')),
  });

  it('does so for guests with PASIDs, of which all are looked at by npm run rule', () => {
    const seen = { works: 0, not: 0 };
    // Of slices for whose guests much works there is too much to explore here.
    const small = withPasids.filter(({ hardware, unit, way }) => {
      return unit === 'vf' || whyNot(hardware, { slice: true, viommu: 'pasids', ...way }) !== null;
    });
    fc.assert(
      fc.property(small, ({ hardware, unit, way }) => {
        const { verdict } = decide({ hardware, unit, viommu: 'pasids', ...way });
        const admitted = whyNot(hardware, { slice: unit === 'mdev', viommu: 'pasids', ...way }) === null;
        seen[verdict === 'works' ? 'works' : 'not']++;
        expect(verdict === 'works').toBe(admitted);
      }),
      { numRuns: 60, seed: 6 },
    );
    expect(Math.min(seen.works, seen.not)).toBeGreaterThan(5);
  });

  it('does not let a function nest whose requests without PASID go through stage 2 alone, whatever entries can be', () => {
    // Once taken to work: the guest's table mapped the page to the page that it is without a table.
    const hardware: IommuHardware = {
      ...vtd3,
      withPasid: ['nested'],
      withoutPasid: ['second'],
      nestingAttribute: 'stream',
    };
    const { verdict, trace } = decide({
      hardware,
      unit: 'vf',
      viommu: 'pasids',
      mechanism: 'nest',
      paravirtual: false,
    });
    expect([verdict, trace?.violation]).toEqual([
      'breaks',
      'vf0 of vm0: page 0 without PASID is to fault, but is reached',
    ]);
  });

  it('does not let PASIDs be shadowed by a stage 2 that they share, though one alone has it to itself', () => {
    const hardware: IommuHardware = {
      ...vtd3,
      withPasid: ['second'],
      withoutPasid: ['first'],
      stage2Root: 'stream',
      nestingAttribute: 'none',
    };
    const { verdict, trace } = decide({
      hardware,
      unit: 'vf',
      viommu: 'pasids',
      mechanism: 'shadow',
      paravirtual: false,
    });
    expect([verdict, trace?.violation]).toEqual([
      'breaks',
      "vf0 of vm0: page 0 with PASID 1 does not lead where the guest's tables lead",
    ]);
  });

  it('is decided on a scope that a trace can name, with what the hardware says and no more', () => {
    fc.assert(
      fc.property(arbitraryHardware, (hardware) => {
        const { name, changes, platform } = scopeBehind(hardware);
        const again = scopeOfTrace(
          changes === undefined ? { scope: name } : { scope: name, platform: changes },
        );
        expect(again.platform).toEqual(platform);
        const abilities = ({ name: _, summary: __, source: ___, ...rest }: IommuHardware) => ({
          ...rest,
          withPasid: rest.withPasid.toSorted(),
          withoutPasid: rest.withoutPasid.toSorted(),
        });
        if (platform.pasid === undefined) throw new Error('a platform without PASIDs');
        expect(abilities(platform.pasid.hardware)).toEqual(abilities(hardware));
      }),
    );
  });

  it('keeps every promise in random runs of whatever a host admits', () => {
    let admitted = 0;
    fc.assert(
      fc.property(arbitraryHardware, fc.nat(1000), (hardware, seed) => {
        const setting = { scope: assignabilityScope(hardware), rules: intended };
        const source = { setting, generate: generateCall, steps: 60 };
        const monitor = new Monitor([]);
        for (let run = 0; run < 4; run++) {
          const found = explore(source, runSeed(seed, 'arbitrary', run), watchOf(PASID_PROPERTIES), monitor);
          expect(found.map(({ property }) => property.id)).toEqual([]);
        }
        admitted += monitor.coverage().assign?.ok ?? 0;
      }),
      { numRuns: 60 },
    );
    expect(admitted).toBeGreaterThan(100);
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
