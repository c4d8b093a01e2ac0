import { describe, expect, it } from 'vitest';
import { type LiveReport, live } from '../../live/loop.ts';
import { ModelTarget } from '../../live/model-target.ts';
import type { LiveOptions } from '../../live/options.ts';
import type { Target } from '../../live/target.ts';
import { composeRules, type Override } from '../../model/rules.ts';
import { LINUX_7_2 } from '../../overrides/deviations/linux-7.2.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { MUTANTS } from '../../overrides/index.ts';
import { DESCRIBED } from './machine.ts';

const SMMU = smmuQemu11Deviations;

const OPTIONS: LiveOptions = {
  seed: 1,
  time: 300_000,
  runs: 2000,
  steps: 40,
  design: SMMU,
  known: { kernel: [], smmu: [] },
  promises: [],
};

function modelWith(overrides: readonly Override[]): Target {
  return new ModelTarget(DESCRIBED, composeRules([...SMMU, ...overrides]));
}

/** `until`: ends when so many things were found. Without, all runs are made. */
function run(target: Target, options: Partial<LiveOptions> = {}, until = 1000): Promise<LiveReport> {
  let found = 0;
  return live(
    target,
    { ...OPTIONS, ...options },
    (progress) => {
      found = progress.found;
    },
    () => found >= until,
  );
}

function mutant(name: string): Override {
  const found = MUTANTS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no mutant ${name}`);
  return found;
}

describe('a search on a target that is the model', () => {
  it('finds nothing where it answers as expected, and says what was asked', async () => {
    const report = await run(modelWith([]), { runs: 24 });
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ runs: 24, ended: 'runs', restarts: 0 });
    expect(report.calls).toBeGreaterThan(500);
    expect(Object.keys(report.coverage).length).toBeGreaterThan(20);
    expect(report.coverage.IOMMU_IOAS_ALLOC?.ok).toBeGreaterThan(10);
  });

  it('makes the same sequences from the same seed', async () => {
    const [one, two, other] = [
      await run(modelWith([]), { runs: 8 }),
      await run(modelWith([]), { runs: 8 }),
      await run(modelWith([]), { runs: 8, seed: 2 }),
    ];
    expect(two.coverage).toEqual(one.coverage);
    expect(other.coverage).not.toEqual(one.coverage);
  });

  it('finds an answer that is wrong, and its smallest sequence', async () => {
    const { findings } = await run(modelWith([mutant('virt-id-given-twice')]), {}, 1);
    const [found] = findings.filter(({ command }) => command === 'IOMMU_VDEVICE_ALLOC');
    expect(found).toMatchObject({ is: 'difference', minimal: true, steady: true });
    expect(found?.real).toMatch(/^ok/);
    expect(found?.model).toMatch(/^EEXIST/);
    // Two devices of one vIOMMU, of one StreamID: nothing less shows it.
    const commands = found?.sequence
      .map((step) => (step.kind === 'call' ? step.call.command : step.kind))
      .sort();
    expect(commands).toEqual(
      [
        'openIommufd',
        'ioasAlloc',
        'hwptAlloc',
        'viommuAlloc',
        ...Array(2).fill(['openCdev', 'vfioBind', 'vdeviceAlloc']).flat(),
      ].sort(),
    );
  });

  it('names the deviations that explain what it sees', async () => {
    const known = [LINUX_7_2['empty-invalidation-refused'], LINUX_7_2['failed-replace-unreserves']];
    const options = { known: { kernel: known, smmu: [] }, seed: 5, runs: 80 };
    const { findings } = await run(modelWith(known), options);
    expect(findings.map(({ is, name }) => `${is} ${name}`).sort()).toEqual([
      'deviation empty-invalidation-refused',
      'deviation failed-replace-unreserves',
    ]);
    for (const { sequence, minimal } of findings) {
      expect(minimal).toBe(true);
      expect(sequence.length).toBeLessThan(20);
    }
  });
});
