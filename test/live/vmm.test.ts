import { describe, expect, it } from 'vitest';
import { rulesOf } from '../../conformance/vmm/replay.ts';
import { type LiveReport, live } from '../../live/loop.ts';
import type { LiveOptions } from '../../live/options.ts';
import type { Described, Target } from '../../live/target.ts';
import { VmmModelTarget } from '../../live/vmm/model-target.ts';
import { plannedPlatform } from '../../live/vmm/platform.ts';
import { vmmSubject } from '../../live/vmm/subject.ts';
import { composeRules, type Override } from '../../model/rules.ts';
import { design } from '../support/design.ts';

const RECORDED = design('kernel=linux-7.2,smmu=qemu-11,vmm=qemu-11');

const SETUPS: Described['setups'] = [
  ['0000:00:02.0', '2'],
  ['0000:00:03.0', '3'],
  ['0000:00:04.0', '4'],
  ['0000:00:04.1', '4'],
  ['0000:09:00.0', '8'],
].map(([bdf = '', grp = ''], at) => ({
  ...{ seq: 0, section: '', ev: 'setup', bdf, grp, cdev: `/dev/vfio/devices/vfio${at}` },
}));

const DESCRIBED: Described = {
  platform: plannedPlatform(SETUPS),
  meta: { seq: 0, section: '', ev: 'meta' },
  setups: SETUPS,
  cdevs: new Map(SETUPS.map(({ bdf, cdev }) => [bdf, cdev ?? ''])),
  dmaDevices: SETUPS.map(({ bdf }) => bdf),
  summary: 'the model',
};

const OPTIONS: LiveOptions = {
  ...{ seed: 1, time: 300_000, runs: 6, steps: 40, promises: [] },
  ...{ design: RECORDED, known: { kernel: [], smmu: [] } },
};

function run(target: Target, options: Partial<LiveOptions> = {}, until = 1000): Promise<LiveReport> {
  let found = 0;
  const show = (progress: { readonly found: number }): void => {
    found = progress.found;
  };
  return live(target, { ...OPTIONS, ...options }, show, () => found >= until, vmmSubject);
}

const answering = (more: readonly Override[] = []): Target =>
  new VmmModelTarget(DESCRIBED, rulesOf(RECORDED).real, composeRules([...RECORDED, ...more]));

/** A VMM that takes no notice of GBPA. */
const DEAF: Override = {
  ...{
    name: 'gbpa-does-nothing',
    kind: 'mutant',
    summary: 'GBPA does nothing',
    source: 'no such bug is known',
  },
  rules: { vmm: { gbpaConfigures: () => 'none' } },
};

describe('a search on a VMM that is the model', () => {
  it('finds nothing where it does as expected, and reaches what guests and operators do', async () => {
    const report = await run(answering());
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ runs: 6, ended: 'runs' });
    expect(report.calls).toBeGreaterThan(500);
    const { DMA, operator, reply, IOMMU_HWPT_ALLOC } = report.coverage;
    expect(DMA?.untranslated).toBeGreaterThan(0);
    expect(DMA?.aborted).toBeGreaterThan(0);
    expect(operator?.device_add).toBeGreaterThan(5);
    expect(reply?.error).toBeGreaterThan(0);
    expect(IOMMU_HWPT_ALLOC?.ok).toBeGreaterThan(10);
  });

  it('makes the same sequences from the same seed', async () => {
    const [one, two, other] = [
      await run(answering(), { runs: 2 }),
      await run(answering(), { runs: 2 }),
      await run(answering(), { runs: 2, seed: 2 }),
    ];
    expect(two.coverage).toEqual(one.coverage);
    expect(other.coverage).not.toEqual(one.coverage);
  });

  it('finds what a VMM does not do, and the smallest sequence that shows it', async () => {
    const { findings } = await run(answering([DEAF]), { runs: 40 }, 1);
    const [found] = findings;
    expect(found).toMatchObject({ is: 'difference', minimal: true, steady: true });
    const commands = found?.sequence.map((step) => (step.kind === 'call' ? step.call.command : step.kind));
    expect(commands).toEqual(['plug', 'writeGbpa']);
  });

  it('names the deviations that explain what it sees', async () => {
    const unknown = ['gbpa-applies-while-enabled'];
    const held = RECORDED.filter(({ name }) => !unknown.includes(name));
    const { findings } = await run(answering(), { design: held, runs: 12 });
    expect(findings.map(({ is, name }) => `${is} ${name}`).sort()).toEqual(
      unknown.map((name) => `deviation ${name}`),
    );
    for (const { minimal, sequence } of findings) {
      expect(minimal).toBe(true);
      expect(sequence.length).toBeLessThan(8);
    }
  });
});
