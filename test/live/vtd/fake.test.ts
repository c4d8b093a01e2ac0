import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rulesOf } from '../../../conformance/emulated/follower.ts';
import { emulatedSubject } from '../../../live/emulated/subject.ts';
import { QtestTarget } from '../../../live/emulated/target.ts';
import { type LiveReport, live } from '../../../live/loop.ts';
import type { LiveOptions } from '../../../live/options.ts';
import { TargetLost } from '../../../live/target.ts';
import { VTD_MACHINES } from '../../../live/vtd/machine.ts';
import { design } from '../../support/design.ts';
import { fakeQemus } from '../fake/build.ts';
import { hangingMs, SILENCE_MS } from '../fake/hang.ts';
import { differenceSoon } from '../fake/soon.ts';

const HOWS = [
  'as-qemu',
  'vtd-queue-stays-on',
  'vtd-bare-wait-refused',
  'vtd-page-response-taken',
  'does-not-start',
  'says-garbage',
  'lies',
  'crashes-at-writes',
  'hangs-at-writes',
] as const;

type How = (typeof HOWS)[number];

let programs: Readonly<Record<How, string>>;
beforeAll(async () => {
  programs = await fakeQemus('scalable-first', HOWS);
}, 60_000);
afterAll(async () => {
  await rm(dirname(programs['as-qemu']), { recursive: true, force: true });
});

const QEMU = design('vtd=qemu-11');

const OPTIONS: LiveOptions = {
  ...{ seed: 1, time: 300_000, runs: 12, steps: 60, promises: [] },
  ...{ design: QEMU, known: { kernel: [], smmu: [] } },
};

/** Searches a program until so much is found. */
function search(
  how: How,
  options: Partial<LiveOptions> = {},
  most = 1000,
  silenceMs = SILENCE_MS,
): Promise<LiveReport> {
  const machine = VTD_MACHINES.find(({ name }) => name === 'scalable-first');
  if (machine === undefined) throw new Error('a machine of that name');
  const held = options.design ?? QEMU;
  const target = new QtestTarget(
    programs[how],
    machine,
    (platform) => rulesOf(held, platform).real,
    silenceMs,
  );
  let found = 0;
  const show = (progress: { readonly found: number }): void => {
    found = progress.found;
  };
  return live(target, { ...OPTIONS, ...options }, show, () => found >= most, emulatedSubject(machine));
}

const commandsOf = (found: LiveReport['findings'][number] | undefined) =>
  (found?.sequence ?? []).map((step) =>
    step.kind === 'call' ? `${step.call.command}${step.call.args.register ?? ''}` : step.kind,
  );

// They wait for processes, and the most for one that hangs.
describe.concurrent('a search on an emulated VT-d unit over qtest', () => {
  it('finds nothing unnamed where it does as expected, and reaches what guests and devices do', async () => {
    const report = await search('as-qemu');
    expect(report.target).toContain('QEMU 11.0.99 over qtest: machine q35, intel-iommu scalable-mode=on');
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ runs: 12, ended: 'runs', restarts: 0 });
    expect(report.coverage.DMA?.['read data']).toBeGreaterThan(10);
    expect(report.coverage.DMA?.['write data']).toBeGreaterThan(5);
    expect(report.coverage.vtdReset?.ok).toBeGreaterThan(0);
  });

  it('sees what the same sequences come to on the model', async () => {
    const [one, two] = [await search('as-qemu', { runs: 3 }), await search('as-qemu', { runs: 3 })];
    expect(two.coverage).toEqual(one.coverage);
  });

  it.each([
    ['vtd-queue-stays-on', 3, /GSTS/, ['vtdWriteGCMD', 'vtdWriteGCMD']],
    ['vtd-bare-wait-refused', 1, /IQE/, ['vtdWriteGCMD', 'vtdDescriptors']],
  ] as const)(
    'finds a unit without %s, and the smallest sequence that shows it',
    async (how, seed, says, last) => {
      const found = await differenceSoon(seed, 200, (each) => search(how, each, 1));
      expect(found).toMatchObject({ minimal: true, steady: true });
      expect(`${found?.real} / ${found?.model}`).toMatch(says);
      expect(found?.sequence.length).toBeLessThanOrEqual(4);
      expect(commandsOf(found).slice(-last.length)).toEqual(last);
    },
  );

  it('names the deviations that explain what it sees', async () => {
    const { findings } = await search('as-qemu', { design: design('vtd=architecture'), runs: 8 });
    expect([...new Set(findings.map(({ is }) => is))]).toEqual(['deviation']);
    expect(findings.map(({ name }) => name)).toContain('vtd-legacy-reasons');
  });
});

describe.concurrent('a QEMU with a VT-d unit that misbehaves', () => {
  it.each([
    ['crashes-at-writes', 'the emulator ends'],
    ['hangs-at-writes', 'the emulator hangs'],
  ] as const)('%s is started again, and the smallest sequence is found', async (how, what) => {
    const silence =
      how === 'hangs-at-writes'
        ? await hangingMs(() => search('as-qemu', { runs: 1, steps: 4 }))
        : SILENCE_MS;
    const found = await differenceSoon(90, 40, (each) => search(how, { ...each, steps: 8 }, 1, silence));
    expect(found).toMatchObject({ minimal: true, steady: true });
    expect(found?.real).toContain(what);
    expect(commandsOf(found)).toEqual(['vtdWriteGCMD', 'vtdDma']);
  });

  it('lies of what it has done: the lie is found, and the smallest sequence that shows it', async () => {
    const found = await differenceSoon(1, 60, (each) => search('lies', each, 1));
    expect(found).toMatchObject({ minimal: true, steady: true });
    expect(`${found?.real} / ${found?.model}`).toMatch(/IQH/);
    expect(commandsOf(found)).toContain('vtdDescriptors');
  });

  it('does not start: says so, with what it said', async () => {
    await expect(search('does-not-start')).rejects.toThrow(
      new TargetLost('QEMU does not start: qemu-system-aarch64: -device edu: no such thing'),
    );
  });

  it('says what no QEMU says: is lost', async () => {
    const report = await search('says-garbage', { runs: 1, steps: 4 });
    expect(report.findings.map(({ is, real }) => `${is}: ${real}`)).toContain(
      'lost: QEMU answers over qtest with <html>',
    );
  });
});
