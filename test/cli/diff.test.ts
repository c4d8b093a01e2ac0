import { describe, expect, it } from 'vitest';
import { parseTrace } from '../../checker/trace/parse.ts';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

const DIFFER = ['diff', 'vsmmu=inherit', 'vsmmu=least-common', '--scope', 'mixed-host'];
const SAME = ['diff', 'kernel=intended', 'vsmmu=specified', '--scope', 'one-smmu', '--depth', '1'];

describe('nestcheck diff', () => {
  it('draws the shortest difference under the first design, then what both answer', async () => {
    const { code, stdout, stderr } = await nestcheck(DIFFER);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^scope mixed-host, vsmmu=inherit, /);
    expect(stdout).toMatch(/^2 {2}operator {2}boot\(vm=vm0\) -> ENODEV$/m);
    expect(stdout).not.toMatch(/^3 /m);
    expect(stdout).not.toContain('property');
    expect(stdout).toMatch(/^vsmmu=inherit answers ENODEV/m);
    expect(stdout).toMatch(/^vsmmu=least-common answers ok/m);
    expect(stdout).toMatch(/^Differ: /m);
    expect(stdout).toMatch(/^Explored: all sequences of up to 1 command\b/m);
  });

  it('prints one JSON object with --json, whose trace is a trace', async () => {
    const { stdout } = await nestcheck([...DIFFER, '--json']);
    const report = JSON.parse(stdout) as { readonly trace: object };
    expect(report).toMatchObject({
      schema: 'nestcheck/1',
      command: 'diff',
      verdict: 'differ',
      designs: ['vsmmu=inherit', 'vsmmu=least-common'],
      scope: 'mixed-host',
      answers: [{ ok: false, errno: 'ENODEV' }, { ok: true }],
      bound: { depth: 1, runs: 0 },
    });
    const trace = parseTrace(JSON.stringify(report.trace));
    expect(trace).toMatchObject({ property: null, violation: null, scope: 'mixed-host' });
    expect(trace.steps).toHaveLength(2);
  });

  it.each([
    ['vmm=qemu-11', 'vmm=openvmm-2026-08'],
    ['vmm=qemu-11', 'vmm=cloud-hypervisor-2026-09'],
    ['vmm=openvmm-2026-08', 'vmm=cloud-hypervisor-2026-09'],
  ])('tells %s from %s by one command, and no fewer', async (first, second) => {
    const { code, stdout } = await nestcheck(['diff', first, second]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^1 {2}operator {2}(boot|plug)\(/m);
    expect(stdout).not.toMatch(/^2 /m);
    expect(stdout).toContain(`${first} answers`);
    expect(stdout).toMatch(/^Differ: /m);
  });

  it('exits 0 where the designs are the same, and says up to where', async () => {
    const { code, stdout } = await nestcheck(SAME);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Same: kernel=intended and vsmmu=specified answered everything alike\.$/m);
    expect(stdout).toMatch(/^Explored: all sequences of up to 1 command, in one-smmu\.$/m);
    expect(JSON.parse((await nestcheck([...SAME, '--json'])).stdout)).toMatchObject({
      verdict: 'same',
      trace: null,
      answers: null,
      bound: { depth: 1, complete: true, runs: 0 },
    });
  });

  it('exits 3 where the time ends without a verdict', async () => {
    const { code, stdout } = await nestcheck([
      'diff',
      'kernel=intended',
      'kernel=intended',
      '--time',
      '0.1s',
    ]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Inconclusive: /);
  });

  it("compares a module of the user's own", async () => {
    const path = await file(
      'mine.ts',
      `export default { name: 'mine', summary: 's', source: 's', rules: { emptyInvalidationIsProbe: () => false } };`,
    );
    const { code } = await nestcheck(['diff', path, path, '--scope', 'one-smmu', '--depth', '1']);
    expect(code).toBe(0);
  });

  it.each([
    [['diff'], /missing required argument 'design'/],
    [['diff', 'kernel=intended'], /missing required argument/],
    [['diff', 'kernel=linux-9', 'kernel=intended'], /linux-9.*known: /],
    [['diff', 'kernel=intended', './no/such.ts'], /\.\/no\/such\.ts: cannot be loaded/],
    [['diff', 'kernel=intended', 'kernel=linux-7.2', '--scope', 'huge'], /unknown scope 'huge'; known: /],
    [['diff', 'kernel=intended', 'kernel=linux-7.2', '--time', '30'], /Expected a duration/],
    [['diff', 'kernel=intended', 'kernel=linux-7.2', '--depth', '0'], /Expected a whole number from 1/],
  ])('%j exits 2 with one line', async (argv, message) => {
    const { code, stdout, stderr } = await nestcheck(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
