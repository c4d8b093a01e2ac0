import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { rulesOf } from '../../conformance/emulated/follower.ts';
import { parseLine } from '../../conformance/emulated/lines.ts';
import { platformOf, startLine } from '../../conformance/emulated/start.ts';
import { conformFile, InputError } from '../../conformance/index.ts';
import { describedAs } from '../../live/emulated/described.ts';
import { generateEmulated } from '../../live/emulated/generate.ts';
import { EmulatedModelTarget } from '../../live/emulated/model-target.ts';
import { hardwareWith, SMMU_MACHINE } from '../../live/smmu/machine.ts';
import { composeRules, type Override } from '../../model/rules.ts';
import { EMULATED_SMMU_DEFECTS } from '../../overrides/defects/emulated-smmu.ts';
import type { Draw } from '../../workload/generator/choice.ts';
import { emulated, emulatedPlatform } from '../../workload/scopes/emulated.ts';
import { design } from '../support/design.ts';

const QEMU = design('smmu=qemu-11');
const HARDWARE = hardwareWith(emulated.platform.emulated?.registers as never);
const PLATFORM = emulatedPlatform(HARDWARE);
const DESCRIBED = describedAs(PLATFORM, 'the model');

const folder = mkdtempSync(join(tmpdir(), 'nestcheck-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, lines: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return path;
}

/** What the model does under some rules, recorded. */
async function recording(name: string, more: readonly Override[], runs = 6): Promise<string> {
  const target = new EmulatedModelTarget(DESCRIBED, composeRules([...QEMU, ...more]));
  const lines: unknown[] = [DESCRIBED.meta];
  for (let run = 0; run < runs; run++) {
    const [choices] = fc.sample(fc.infiniteStream(fc.nat(0x7fff_fffe)), { seed: run, numRuns: 1 });
    const draw: Draw = (bound) => Number(choices?.next().value ?? 0) % bound;
    const making = { steps: 120, avoided: new Set<string>() };
    const made = generateEmulated(
      SMMU_MACHINE,
      DESCRIBED.platform,
      rulesOf(QEMU, DESCRIBED.platform).real,
      making,
      null,
      draw,
    );
    lines.push(...(await target.run(made)).lines);
  }
  return written(name, lines);
}

describe('recordings of QEMU 11.1.3 over qtest', () => {
  const RECORDINGS = join(import.meta.dirname, '../../conformance/recordings/qemu-11.1.3');

  it.each(['qtest-walks', 'qtest-deviations'])('%s agrees with smmu=qemu-11 at every step', async (name) => {
    const report = await conformFile(join(RECORDINGS, `${name}.jsonl.gz`), QEMU);
    expect(report).toMatchObject({ first: null, skipped: {} });
    expect(report.agreed).toBe(report.checked);
    expect(report.checked).toBeGreaterThan(name === 'qtest-walks' ? 5000 : 40);
  });

  it('shows deviations from the architecture, each by its name', async () => {
    const report = await conformFile(join(RECORDINGS, 'qtest-deviations.jsonl.gz'), []);
    expect(report.first).toBeNull();
    const names = Object.keys(report.deviations).flatMap((together) => together.split('+'));
    expect([...new Set(names)].sort()).toEqual([
      'ap1-ignored',
      'bad-ste-beyond-span',
      'cd-fetch-address-in-dword-2',
      'command-error-stays',
      'commands-unjudged',
      'configuration-faults-read',
      'ipa-keeps-low-bits',
      'reads-outside-ram',
      's2t0sz-bounded-by-s2ps',
      'span-doubled',
      'stream-table-survives-reset',
      'two-level-stays',
    ]);
  });
});

describe('a recording of an emulated SMMUv3', () => {
  it('describes its machine', () => {
    const parsed = parseLine('x', 1, JSON.stringify(startLine(PLATFORM)));
    expect(parsed?.ev === 'emulated-smmu' && platformOf(parsed)).toEqual(PLATFORM);
  });

  it('agrees with the design that it is of', async () => {
    const report = await conformFile(await recording('own.jsonl', []), QEMU);
    expect(report).toMatchObject({ first: null, deviations: {}, skipped: {}, machine: 'emulated smmuv3' });
    expect(report.checked).toBeGreaterThan(600);
    expect(report.agreed).toBe(report.checked);
  });

  it('names the deviations that part it from the architecture', async () => {
    const report = await conformFile(await recording('own.jsonl', []), []);
    expect(report.first).toBeNull();
    expect(report.agreed).toBeLessThan(report.checked);
    expect(Object.keys(report.deviations)).toEqual(
      expect.arrayContaining(['commands-unjudged', 'stream-table-survives-reset']),
    );
  });

  it('parts where nothing explains it, and leaves the rest of that machine out', async () => {
    const defect = EMULATED_SMMU_DEFECTS['event-words-not-written'];
    const path = await recording('defect.jsonl', [defect], 2);
    const report = await conformFile(path, QEMU);
    expect(report.first?.expected).toEqual({ event: '0x0 0x0 0x0 0x0' });
    expect(report.first?.model.event).toMatch(/^0x[0-9a-f]+0000000[0-9a-f]/);
    expect(report.disagreements.total).toBe(2);
    expect(report.skipped['behind a difference']).toBeGreaterThan(10);
    expect(report.disagreements.kinds[0]?.kind).toMatch(/^DMA (read|write): a record of no event \/ /);
  });

  it.each([
    [
      'a step before its machine',
      [startLine(PLATFORM), { ...step(), command: 'hostReset' }],
      '2: "command": Invalid option',
    ],
    ['an argument that is none', [startLine(PLATFORM), { ...step(), args: { valu: 1 } }], '"args.valu"'],
    [
      'a register that is none',
      [startLine(PLATFORM), { ...step(), seen: { ends: 'no', GERROR: 1 } }],
      'GERROR',
    ],
    ['memory that is none', [{ ...startLine(PLATFORM), memory: { '0x0': 'x' } }], '"memory.0x0"'],
  ])('is refused in one line: %s', async (_what, lines, says) => {
    const read = conformFile(written('bad.jsonl', lines), QEMU);
    await expect(read).rejects.toThrow(InputError);
    const message = await read.catch((error: InputError) => error.message);
    expect(message).not.toContain('\n');
    expect(message).toContain(says);
  });
});

function step() {
  return {
    ...{ seq: 1, section: 'live', ev: 'emulated', command: 'emulatedCr0', args: { value: 5 } },
    seen: { ends: 'no', GERROR: '0x0' },
  };
}
