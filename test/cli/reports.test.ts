import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nestcheck } from './terminal.ts';

const CHECK = [
  ...['check', '--runs', '200', '--scope', 'one-smmu', '--design', 'kernel=linux-7.2'],
  ...['--property', 'reserved-fields-refused', '--property', 'ids-not-reused'],
];

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('reports for CI', () => {
  it('are written beside what is printed, and the traces among them replay', async () => {
    const [junit, traces, summary] = ['junit.xml', 'traces', 'summary.md'].map((name) => join(folder, name));
    const argv = [
      '--reporter',
      `junit=${junit}`,
      '--reporter',
      'github',
      '--trace-dir',
      `${traces}`,
      '--json',
    ];
    const { code, stdout, stderr } = await nestcheck([...CHECK, ...argv], {
      env: { GITHUB_STEP_SUMMARY: `${summary}` },
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'violated' });
    expect(stderr).toMatch(/^::error title=nestcheck%3A reserved-fields-refused::[^\n]*\n$/);
    expect(await readFile(`${junit}`, 'utf8')).toContain('failures="1"');
    expect(await readFile(`${summary}`, 'utf8')).toContain('```mermaid');
    const written = (await readdir(`${traces}`)).sort();
    expect(written).toEqual(['reserved-fields-refused.json', 'reserved-fields-refused.md']);
    const trace = join(`${traces}`, 'reserved-fields-refused.json');
    const itf = join(folder, 'trace.itf.json');
    expect((await nestcheck(['replay', trace, '--itf', itf])).code).toBe(0);
    expect((await nestcheck(['replay', itf])).code).toBe(0);
  });

  const nowhere = '/no/such/folder/file';

  it.each([
    [[...CHECK, '--reporter', 'html'], /Expected junit=<file> or github/],
    [[...CHECK, '--reporter', 'junit='], /Expected junit=<file> or github/],
    [
      [...CHECK, '--runs', '1', '--reporter', `junit=${nowhere}`],
      /^nestcheck: \/no\/such\/folder\/file: cannot be written \(ENOENT\)$/,
    ],
    [
      [...CHECK, '--runs', '1', '--trace-dir', '/dev/null/traces'],
      /^nestcheck: \/dev\/null\/traces: cannot be written \(ENOTDIR\)$/,
    ],
    [['replay', 'a', 'b', '--itf', 'c'], /--itf: expected one trace/],
  ])('%j exits 2 with one line', async (argv, message) => {
    const { code, stderr } = await nestcheck(argv);
    expect(code).toBe(2);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
