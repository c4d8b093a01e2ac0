import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runBuilt } from './built.ts';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

/** A module with one property of states. */
function property(violated: string): string {
  return `export const properties = [{
    id: 'own-property', sentence: 'Mine holds.', source: 'me', kind: 'state',
    violated: (world) => { ${violated} }, witness: () => true,
  }];`;
}

const CHECK = ['--property', 'own-property', '--scope', 'one-smmu', '--runs', '20'];

describe('a module of the user', () => {
  const bad: readonly [what: string, text: string, says: RegExp][] = [
    ['throws what cannot be shown', 'throw { toString() { throw 1; } };', /cannot be loaded: something that/],
    ['throws nothing', 'throw undefined;', /cannot be loaded: undefined$/],
    [
      'throws an escape sequence',
      "throw new Error('a\\u001b[2Jb\\nc');",
      /cannot be loaded: a\\u\{1b\}\[2Jb c$/,
    ],
    [
      'changes the world',
      property('world.contexts.push(1); return null;'),
      /violated threw: Cannot add property/,
    ],
    ['gives no sentence', property("return '  ';"), /violated gave an empty text where a sentence/],
  ];

  it.each(bad)('that %s is named in one line', async (_, text, says) => {
    const path = await file('own.mjs', text);
    const { code, stdout, stderr } = await nestcheck(['check', '--design', path, ...CHECK]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trimEnd()).toMatch(says);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  const ending: readonly [what: string, text: string, says: RegExp][] = [
    ['ends the process as if all held', 'process.exit(0);', /ended before there was a verdict/],
    [
      'throws when nobody waits',
      "Promise.reject(null); export default { name: 'mine', summary: 's', source: 's', rules: {} };",
      /threw outside of any call: null/,
    ],
    ['waits for what never comes', 'await new Promise(() => {});', /waits for something that never comes/],
    ['is a list of nothing', 'export default [];', /expected as default export an override/],
    [
      'throws where it is read',
      "export default new Proxy({}, { get() { throw new Error('no'); } });",
      /own\.mjs: cannot be read: no/,
    ],
  ];

  it.each(ending)('that %s gives no verdict', async (_, text, says) => {
    const path = await file('own.mjs', text);
    const { code, stderr } = await runBuilt(['check', '--design', path, '--runs', '200']);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('may say a lot in many lines: its trace holds what is read again', async () => {
    const path = await file(
      'own.mjs',
      property("return world.contexts.length > 0 ? 'a\\n' + 'b'.repeat(9999) : null;"),
    );
    const { code, stdout } = await nestcheck(['check', '--design', path, ...CHECK, '--json']);
    expect(code).toBe(1);
    const report = JSON.parse(stdout) as { readonly properties: readonly { readonly trace?: object }[] };
    const trace = await file('trace.json', JSON.stringify(report.properties[0]?.trace));
    const replayed = await nestcheck(['replay', trace, '--design', path]);
    expect(replayed.stderr).toBe('');
    expect(replayed.code).toBe(0);
  });

  it('is named by the page beside a trace, in a command that works', async () => {
    const text = `export default { name: 'shared', summary: 's', source: 's', rules: { vsmmuOwnsVmid: false } };`;
    const path = await file("own 'one'.mjs", text);
    const folder = join(path, '..', 'traces');
    const check = ['check', '--design', path, '--scope', 'one-smmu', '--property', 'vsmmus-have-own-tag'];
    expect((await nestcheck([...check, '--runs', '80', '--trace-dir', folder])).code).toBe(1);
    const page = await readFile(join(folder, 'vsmmus-have-own-tag.md'), 'utf8');
    const line = /^\$ npx nestcheck (.*)$/m.exec(page)?.[1] ?? '';
    const { stdout } = await promisify(execFile)('sh', ['-c', `for word in ${line}; do echo "$word"; done`]);
    expect(await nestcheck(stdout.trimEnd().split('\n'))).toMatchObject({ code: 0, stderr: '' });
    // Elsewhere it is found by what it is; another text under the name is said to be one.
    const moved = await file('moved.mjs', `${text} // later`);
    const trace = join(folder, 'vsmmus-have-own-tag.json');
    const replayed = await nestcheck(['replay', '--design', moved, trace]);
    expect(replayed.code).toBe(0);
    expect(replayed.stdout).toMatch(
      /moved\.mjs has been changed since the trace was recorded\.\nReplays exactly/,
    );
    const steps = await file('pasted.steps', replayed.stdout);
    expect((await nestcheck(['run', steps])).stderr).toMatch(/recorded with '.*' \(shared\); say --design/);
    expect((await nestcheck(['run', steps, '--design', moved])).stdout).toContain(
      'violates vsmmus-have-own-tag',
    );
  });

  it('has its properties explored', async () => {
    const path = await file('own.mjs', property("return world.contexts.length > 0 ? 'a context' : null;"));
    const argv = ['explore', '--design', path, '--scope', 'attach-slice:1,1,1', '--property', 'own-property'];
    const { code, stdout } = await nestcheck([...argv, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ properties: [{ id: 'own-property', verdict: 'violated' }] });
  });
});

describe('the outside', () => {
  it('that cannot take reports is noticed before the work', async () => {
    const path = await file('taken', '');
    const cases: readonly string[][] = [
      ['--trace-dir', `${path}/folder`],
      ['--trace-dir', '/proc/none'],
      ['--reporter', `junit=${path}/none.xml`],
    ];
    for (const argv of cases) {
      const started = performance.now();
      const { code, stdout, stderr } = await nestcheck(['check', '--runs', '100000', ...argv]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/cannot be written \(E[A-Z]+\)$/m);
      expect(performance.now() - started).toBeLessThan(20_000);
    }
  });

  const contradictions: readonly [argv: readonly string[], says: RegExp][] = [
    [
      ['check', '--design', 'kernel=linux-7.2,kernel=intended'],
      /contradictory designs: kernel is both linux-7\.2 and /,
    ],
    [['explore', '--workers', '100000'], /Expected a whole number from 1 to 256/],
    [['help', 'nope'], /unknown command 'nope'; known: check, /],
  ];

  it.each(contradictions)('%j is bad usage', async (argv, says) => {
    const { code, stderr } = await nestcheck(argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});
