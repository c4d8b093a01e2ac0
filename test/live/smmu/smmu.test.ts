import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rulesOf } from '../../../conformance/emulated/follower.ts';
import { describedAs } from '../../../live/emulated/described.ts';
import { EmulatedModelTarget } from '../../../live/emulated/model-target.ts';
import { emulatedSubject } from '../../../live/emulated/subject.ts';
import { QtestTarget } from '../../../live/emulated/target.ts';
import { type LiveReport, live } from '../../../live/loop.ts';
import type { LiveOptions } from '../../../live/options.ts';
import { hardwareWith, SMMU_MACHINE } from '../../../live/smmu/machine.ts';
import { type Target, TargetLost } from '../../../live/target.ts';
import { composeRules } from '../../../model/rules.ts';
import { EMULATED_SMMU_DEFECTS } from '../../../overrides/defects/emulated-smmu.ts';
import { ALL_PROPERTIES } from '../../../properties/index.ts';
import type { StepProperty } from '../../../properties/property.ts';
import { emulated, emulatedPlatform } from '../../../workload/scopes/emulated.ts';
import { design } from '../../support/design.ts';
import { fakeQemus } from '../fake/build.ts';
import { hangingMs, SILENCE_MS } from '../fake/hang.ts';
import { differenceSoon } from '../fake/soon.ts';

const HOWS = [
  'as-qemu',
  'event-words-not-written',
  'stream-table-not-aligned',
  'does-not-start',
  'says-garbage',
  'crashes-at-writes',
  'hangs-at-writes',
] as const;

type How = (typeof HOWS)[number];

let programs: Readonly<Record<How, string>>;
beforeAll(async () => {
  programs = await fakeQemus('smmu', HOWS);
}, 60_000);
afterAll(async () => {
  await rm(dirname(programs['as-qemu']), { recursive: true, force: true });
});

const QEMU = design('smmu=qemu-11');
const ARCHITECTURE = design('smmu=architecture');

const PROMISES: LiveOptions['promises'] = ALL_PROPERTIES.filter(
  ({ kind }) => kind === 'step',
) as StepProperty[];

const OPTIONS: LiveOptions = {
  ...{ seed: 1, time: 300_000, runs: 16, steps: 60, promises: [] },
  ...{ design: QEMU, known: { kernel: [], smmu: [] } },
};

/** Searches a target until so much is found. */
function until(target: Target, options: Partial<LiveOptions>, most: number): Promise<LiveReport> {
  let found = 0;
  const show = (progress: { readonly found: number }): void => {
    found = progress.found;
  };
  return live(target, { ...OPTIONS, ...options }, show, () => found >= most, emulatedSubject(SMMU_MACHINE));
}

/** Searches a program until so much is found. */
function search(
  how: How,
  options: Partial<LiveOptions> = {},
  most = 1000,
  silenceMs = SILENCE_MS,
): Promise<LiveReport> {
  const design = options.design ?? OPTIONS.design;
  const target = new QtestTarget(
    programs[how],
    SMMU_MACHINE,
    (platform) => rulesOf(design, platform).real,
    silenceMs,
  );
  return until(target, options, most);
}

const IDS = emulated.platform.emulated?.registers;
if (IDS === undefined) throw new Error('the scope has an emulated SMMUv3');
const DESCRIBED = describedAs(emulatedPlatform(hardwareWith(IDS)), 'the model');

const commandsOf = (found: LiveReport['findings'][number] | undefined) =>
  (found?.sequence ?? []).map((step) => (step.kind === 'call' ? step.call.command : step.kind));

describe('a search on an emulated SMMUv3 over qtest, alone since its time for making small is limited', () => {
  it('names the deviations that explain what it sees, and the promises that are broken', async () => {
    const { findings } = await search('as-qemu', { design: ARCHITECTURE, runs: 16, promises: PROMISES });
    const of = (is: string) => findings.filter((finding) => finding.is === is).map(({ name }) => name);
    expect(findings.map(({ is }) => is)).not.toContain('difference');
    expect(of('deviation')).toEqual(
      expect.arrayContaining(['stream-table-survives-reset', 'commands-unjudged']),
    );
    expect(of('promise')).toContain('emulation-stops-at-illegal-commands');
    for (const { minimal, steady, sequence } of findings) {
      expect({ minimal, steady }).toEqual({ minimal: true, steady: true });
      expect(sequence.length).toBeLessThan(12);
    }
  });
});

// They wait for processes, and the most for one that hangs.
describe.concurrent('a search on an emulated SMMUv3 over qtest', () => {
  it('finds nothing unnamed where it does as expected, and reaches what guests and devices do', async () => {
    const report = await search('as-qemu');
    expect(report.target).toContain('QEMU 11.0.99 over qtest');
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ runs: 16, ended: 'runs', restarts: 0 });
    expect(report.calls).toBeGreaterThan(800);
    const { DMA, emulatedReset, TLBI_NH_VA } = report.coverage;
    expect(DMA?.['read data']).toBeGreaterThan(5);
    expect(DMA?.['write data']).toBeGreaterThan(2);
    expect(DMA?.['read F_TRANSLATION']).toBeGreaterThan(0);
    expect(emulatedReset?.ok).toBeGreaterThan(5);
    expect(TLBI_NH_VA?.ok).toBeGreaterThan(0);
  });

  it('makes the same sequences from the same seed', async () => {
    const [one, two, other] = [
      await search('as-qemu', { runs: 3 }),
      await search('as-qemu', { runs: 3 }),
      await search('as-qemu', { runs: 3, seed: 2 }),
    ];
    expect(two.coverage).toEqual(one.coverage);
    expect(other.coverage).not.toEqual(one.coverage);
  });

  it.each([
    ['event-words-not-written', 1, /a record of no event/, ['emulatedCr0', 'emulatedDma']],
    [
      'stream-table-not-aligned',
      19,
      /C_BAD_STE|C_BAD_STREAMID/,
      ['emulatedCr0', 'emulatedStreamTable', 'emulatedStore', 'emulatedDma'],
    ],
  ] as const)('finds %s, and the smallest sequence that shows it', async (how, seed, says, commands) => {
    const found = await differenceSoon(seed, 80, (each) => search(how, each, 1));
    expect(found).toMatchObject({ minimal: true, steady: true });
    expect(`${found?.kind}`).toMatch(says);
    expect(commandsOf(found).sort()).toEqual([...commands].sort());
  });

  it.each(['span-of-four-bits', 'configuration-range-overflows', 'stage1-output-unchecked'] as const)(
    'finds %s in the model, and the smallest sequence that shows it',
    async (name) => {
      const rules = composeRules([...QEMU, EMULATED_SMMU_DEFECTS[name]]);
      const { findings } = await until(new EmulatedModelTarget(DESCRIBED, rules), { runs: 400 }, 1);
      const [found] = findings.filter(({ is }) => is === 'difference');
      expect(found).toMatchObject({ minimal: true, steady: true });
      expect(commandsOf(found).at(-1)).toBe('emulatedDma');
      expect(found?.sequence.length).toBeLessThan(12);
    },
  );
});

describe.concurrent('a QEMU that misbehaves', () => {
  it.each([
    ['crashes-at-writes', 'the emulator ends'],
    ['hangs-at-writes', 'the emulator hangs'],
  ] as const)('%s is started again, and the smallest sequence is found', async (how, what) => {
    const silence =
      how === 'hangs-at-writes'
        ? await hangingMs(() => search('as-qemu', { runs: 1, steps: 4 }))
        : SILENCE_MS;
    const found = await differenceSoon(14, 12, (each) => search(how, { ...each, steps: 4 }, 1, silence));
    expect(found).toMatchObject({ minimal: true, steady: true });
    expect(found?.real).toContain(what);
    expect(commandsOf(found)).toEqual(['emulatedCr0', 'emulatedDma']);
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
