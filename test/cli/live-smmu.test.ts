import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeQemus } from '../live/fake/build.ts';
import { nestcheck } from './terminal.ts';

const HOWS = ['as-qemu', 'event-words-not-written', 'does-not-start'] as const;

let programs: Readonly<Record<(typeof HOWS)[number], string>>;
let folder = '';
beforeAll(async () => {
  programs = await fakeQemus('smmu', HOWS);
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
}, 60_000);
afterAll(async () => {
  await rm(dirname(programs['as-qemu']), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

const live = (...words: readonly string[]) => nestcheck(['live', '--target', 'smmu', ...words]);
const QEMU = ['--design', 'smmu=qemu-11'];

describe('nestcheck live --target smmu', () => {
  it('exits 0 where all is as the design has it', async () => {
    const words = ['--runs', '3', '--steps', '30', '--output', join(folder, 'clean'), '--json'];
    const { code, stdout } = await live('--vmm', programs['as-qemu'], ...QEMU, ...words);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ schema: 'nestcheck/1', command: 'live', runs: 3, steps: 90, calls: 90 });
    expect(report.findings.filter(({ unnamed }: { unnamed: boolean }) => unnamed)).toEqual([]);
  });

  it('exits 1 where something unnamed is found, and writes a recording that parts in the same way', async () => {
    const output = join(folder, 'found');
    const program = programs['event-words-not-written'];
    const { code, stdout } = await live('--vmm', program, ...QEMU, '--runs', '4', '--output', output);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^DMA (read|write): the target says a record of no event/m);
    expect(stdout).toContain('2 steps, none of which can be left out');
    const files = await readdir(output);
    const recording = files.find((name) => /difference.*\.jsonl$/.test(name)) ?? '';
    const conformed = await nestcheck(['conform', join(output, recording), ...QEMU]);
    expect(conformed.code).toBe(1);
    expect(conformed.stdout).toContain('0x0 0x0 0x0 0x0');
    const source = await readFile(join(output, recording.replace(/jsonl$/, 'c')), 'utf8');
    expect(source).toMatch(
      /the target says a record of no event(.*\n)+\s*expect_word\(qts, 2, "doubleword 0 of the event"/,
    );
  });

  it.each([
    [
      ['--vmm', 'nowhere'],
      /^nestcheck: live: --vmm: nowhere: expected a program such as qemu-system-aarch64/,
    ],
    [['--kernel', 'default'], /^nestcheck: --kernel: nothing runs on the machine of --target smmu/],
    [['--kvm'], /^nestcheck: --kvm: nothing runs on the machine of --target smmu/],
    [['--agent', 'true'], /^nestcheck: --agent: no agent drives a VMM/],
    [['--machine', 'two-smmus'], /^nestcheck: --machine: --target smmu has one machine/],
    [['--races'], /^nestcheck: --races: only with --target kernel\n$/],
  ] as const)('exits 2 for %j', async (words, says) => {
    const { code, stderr } = await live(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });

  it('exits 2 where there is no QEMU, and says how to get one', async () => {
    const env = { NESTCHECK_LAB: join(folder, 'lab') };
    const { code, stderr } = await nestcheck(['live', '--target', 'smmu'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/is missing; run nestcheck lab setup --qemu/);
  });

  it('exits 2 where QEMU does not start, with what it said', async () => {
    const { code, stderr } = await live('--vmm', programs['does-not-start']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^nestcheck: live: QEMU does not start: qemu-system-aarch64: -device edu/);
  });
});

describe('nestcheck live --target vtd', () => {
  it.each([
    [['--machine', 'two-smmus'], /^nestcheck: .*two-smmus/],
    [['--vmm', 'nowhere'], /^nestcheck: live: --vmm: nowhere: expected a program such as qemu-system-x86_64/],
    [['--kernel', 'default'], /^nestcheck: --kernel: nothing runs on the machine of --target vtd/],
  ] as const)('exits 2 for %j', async (words, says) => {
    const { code, stderr } = await nestcheck(['live', '--target', 'vtd', ...words]);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });

  it('exits 2 where there is no QEMU for PCs, and says how to get one', async () => {
    const env = { NESTCHECK_LAB: join(folder, 'lab') };
    const { code, stderr } = await nestcheck(['live', '--target', 'vtd'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/qemu-system-x86_64 is missing; run nestcheck lab setup --qemu/);
  });
});

describe('nestcheck lab setup --qemu', () => {
  it('takes nothing that is about a kernel', async () => {
    const { code, stderr } = await nestcheck(['lab', 'setup', '--qemu', '--vmm']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^nestcheck: --qemu: QEMU alone is set up/);
  });
});
