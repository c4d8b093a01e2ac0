import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { file } from '../../cli/file.ts';
import { nestcheck } from '../../cli/terminal.ts';
import { fakeQemus } from '../fake/build.ts';

const run = promisify(execFile);

const SMMU = 'conformance/recordings/qemu-11.1.3/qtest-deviations.jsonl.gz';
const VTD = 'conformance/recordings/qemu-intel-iommu-11.1.3/qtest-walks.jsonl.gz';
const CONTEXT = 'conformance/recordings/qemu-intel-iommu-11.1.3/qtest-context-in-memory.jsonl';
const WARNINGS = ['-std=gnu11', '-Wall', '-Wextra', '-Werror'];

let folder = '';
let smmu: Readonly<Record<'as-qemu' | 'event-words-not-written' | 'crashes-at-writes', string>>;
let vtd: Readonly<Record<'as-qemu' | 'vtd-queue-stays-on', string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-qtest-'));
  smmu = await fakeQemus('smmu', ['as-qemu', 'event-words-not-written', 'crashes-at-writes']);
  vtd = await fakeQemus('scalable-first', ['as-qemu', 'vtd-queue-stays-on']);
}, 60_000);
afterAll(async () => {
  for (const each of [folder, dirname(smmu['as-qemu']), dirname(vtd['as-qemu'])])
    await rm(each, { recursive: true, force: true });
});

async function exported(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await nestcheck(['export', ...args, '--as', 'qtest']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function compiled(text: string): Promise<string> {
  const [source, program] = [join(folder, 'program.c'), join(folder, 'program')];
  await writeFile(source, text);
  await run('cc', [...WARNINGS, '-o', program, source]);
  return program;
}

/** How a program ends on a QEMU, and what it says. */
async function ran(text: string, qemu: string): Promise<{ readonly code: number; readonly said: string }> {
  const program = await compiled(text);
  const env = { ...process.env, QTEST_QEMU_BINARY: qemu };
  try {
    const { stdout, stderr } = await run(program, { env });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

const PASSES = { code: 0, said: 'ok 1 /nestcheck/run\n' };

describe('a run of an emulated SMMUv3 as a qtest program', () => {
  it.each([1, 4, 8])('passes where QEMU does what was recorded: run %i', async (number) => {
    const text = await exported(SMMU, '--run', String(number));
    const { code, said } = await ran(text, smmu['as-qemu']);
    expect(said).toContain('ok 1 /nestcheck/run');
    expect(code).toBe(0);
  });

  it('names the answer that differs, its step and both values', async () => {
    const text = await exported(SMMU);
    expect(await ran(text, smmu['event-words-not-written'])).toMatchObject({
      code: 1,
      said: expect.stringMatching(
        /# step 4: doubleword 0 of the event: expected 0xa00000010, got 0x[0-9a-f]+\nBail out! assertion failed \(got == expected\)/,
      ),
    });
  });

  it('fails where one asserted value is changed', async () => {
    const text = await exported(SMMU);
    const asserted = '"EVENTQ_PROD", 0xc0100a8, UINT32_MAX, 0x1)';
    expect(text.split(asserted)).toHaveLength(2);
    const changed = text.replace(asserted, asserted.replace('0x1)', '0x2)'));
    expect(await ran(changed, smmu['as-qemu'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('# step 4: EVENTQ_PROD: expected 0x2, got 0x1'),
    });
  });

  it('says how QEMU ended where it does', async () => {
    const text = (await exported(SMMU)).replace(/edu_read\(qts, /, 'edu_write(qts, ');
    expect(await ran(text, smmu['crashes-at-writes'])).toMatchObject({
      code: 1,
      said: expect.stringMatching(/Bail out! QEMU has ended: signal 6/),
    });
  });

  it('asserts what a design says', async () => {
    const text = await exported(SMMU, '--design', 'smmu=architecture');
    expect(text).toMatch(/asserted are those of .*\bsmmu=architecture\b/);
    expect(await ran(text, smmu['as-qemu'])).toMatchObject({
      code: 1,
      said: expect.stringMatching(/# step 4: .*: expected /),
    });
  });
});

describe('a run of an emulated VT-d unit as a qtest program', () => {
  it.each([
    [CONTEXT, 1],
    [VTD, 3],
  ])('passes where QEMU does what was recorded: %s, run %i', async (path, number) => {
    const text = await exported(path, '--run', String(number));
    expect(await ran(text, vtd['as-qemu'])).toEqual(PASSES);
  });

  it('names the answer that differs', async () => {
    const run = (number: number) => exported(VTD, '--run', String(number));
    const told = await Promise.all([1, 2, 3, 4, 5, 6].map(run));
    const text = told.find((each) => /GCMD, value=0x0\)/.test(each)) ?? told[0] ?? '';
    const { code, said } = await ran(text, vtd['vtd-queue-stays-on']);
    expect(said).toMatch(/# step \d+: (GSTS|IQH): expected 0x[0-9a-f]+, got 0x[0-9a-f]+/);
    expect(code).toBe(1);
  });

  it('fails where a word of memory is not as it should be', async () => {
    const text = await exported(VTD, '--run', '3');
    const [asserted = ''] = /expect_changed\(qts, \d+, 0x[0-9a-f]+, 0x/.exec(text) ?? [];
    expect(asserted).not.toBe('');
    const { code, said } = await ran(text.replace(asserted, `${asserted}1`), vtd['as-qemu']);
    expect(said).toMatch(/# step \d+: a word of memory that the unit changes: expected 0x1/);
    expect(code).toBe(1);
    // A change that the recording has and nobody asserts is found too.
    const silent = text.replace(new RegExp(`${asserted.replaceAll(/[()]/g, '\\$&')}.*\n`), '');
    expect((await ran(silent, vtd['as-qemu'])).said).toMatch(/# step \d+: the word of memory at 0x/);
  });
});

describe('a trace of scope emulated-vtd as a qtest program', () => {
  const step = (value: string) => ({
    ...{ actor: 'guest:vm0', command: 'vtdWrite', args: { register: 'GCMD', value } },
    result: { ok: true, out: {} },
  });
  const trace = {
    ...{ format: 'nestcheck-trace/1', scope: 'emulated-vtd', design: { vtd: 'qemu-11' }, defects: [] },
    ...{ property: 'vtd-queue-stops-when-told', guarantee: null, violation: 'QIES is still set' },
    steps: [step('0x4000000'), step('0x0')],
  };

  it('asserts what the model gives under its design, and under another', async () => {
    const path = await file('trace.json', JSON.stringify(trace));
    const own = await exported(path);
    expect(own).toMatch(/^\/\* QIES is still set\n/);
    expect(await ran(own, vtd['as-qemu'])).toEqual(PASSES);
    const intended = await exported(path, '--design', 'vtd=architecture');
    expect((await ran(intended, vtd['as-qemu'])).said).toContain(
      '# step 2: GSTS: expected 0x0, got 0x4000000',
    );
  });
});

describe('a trace of scope emulated as a qtest program', () => {
  const trace = (name: string) => `counterexamples/${name}.json`;
  const UNWRITTEN = trace('event-words-not-written/emulated-events-reach-the-queue');

  it.each([
    'event-words-not-written/emulated-events-reach-the-queue',
    'stage1-output-unchecked/emulation-walks-as-architecture',
    'configuration-range-overflows/emulation-invalidates-what-it-is-told',
    'range-taken-for-power-of-two/emulation-invalidates-what-it-is-told',
  ])('does on the machine what it does in the scope: %s', async (name) => {
    const text = await exported(trace(name), '--design', 'smmu=qemu-11');
    expect(await ran(text, smmu['as-qemu'])).toMatchObject({
      code: 0,
      said: expect.stringContaining('ok 1'),
    });
  });

  it('asserts what the trace has: with its defect', async () => {
    const text = await exported(UNWRITTEN);
    const { code } = await ran(text, smmu['event-words-not-written']);
    expect(code).toBe(0);
    expect((await ran(text, smmu['as-qemu'])).said).toMatch(
      /# step 3: doubleword 0 of the event: expected 0x0, got 0x800000004/,
    );
  });

  it('is refused where it does not come to the same on the machine', async () => {
    const path = trace('stage2-event-without-ipa/emulation-walks-as-architecture');
    const { code, stderr } = await nestcheck(['export', path, '--as', 'qtest']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /cannot be exported: on QEMU's machine step 4 does not come to the same as in its scope;/,
    );
  });
});

describe('nestcheck export --as qtest', () => {
  it('gives a test for the tree of QEMU too', async () => {
    for (const path of [SMMU, VTD]) {
      const source = join(folder, 'nestcheck-test.c');
      await writeFile(source, await exported(path));
      const tree = join(import.meta.dirname, 'tree');
      await run('cc', [...WARNINGS, '-DIN_QEMU_TREE', '-I', tree, '-fsyntax-only', source]);
    }
  });

  it.each([
    [
      ['counterexamples/vsmmus-share-vmid/vsmmus-have-own-tag.json'],
      /cannot be exported: its scope is one-smmu;/,
    ],
    [
      ['conformance/recordings/qemu-vsmmu-11.1.3/basic.jsonl.gz'],
      /expected a recording of an emulated IOMMU/,
    ],
    [[SMMU, '--run', '99'], /has no run 99/],
    [['no-such-file.jsonl'], /no-such-file/],
  ] as const)('exits 2 with one line for what is no such run: %j', async (args, says) => {
    const { code, stdout, stderr } = await nestcheck(['export', ...args, '--as', 'qtest']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('takes recordings for nothing else', async () => {
    const { code, stderr } = await nestcheck(['export', SMMU, '--as', 'c', '--run', '1']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--run: --as c takes no recording/);
  });

  it('refuses a machine that QEMU has not', async () => {
    const start = {
      ...{ seq: 1, section: 'x', ev: 'emulated-vtd', hostAddressWidth: 48, sources: [24] },
      ...{ registers: { CAP: '0x0', ECAP: '0x0' }, ram: { first: '0x0', end: '0x1000' }, memory: {} },
    };
    const path = await file('other.jsonl', `${JSON.stringify(start)}\n`);
    const { code, stderr } = await nestcheck(['export', path, '--as', 'qtest']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be exported: its memory and its IOMMU are not as on a machine of QEMU;/);
  });
});
