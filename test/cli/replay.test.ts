import { describe, expect, it } from 'vitest';
import { printTrace } from '../../checker/trace/encode.ts';
import { parseTrace } from '../../checker/trace/parse.ts';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

const VIOLATED =
  'check --runs 300 --scope one-smmu --design kernel=linux-7.2 --property reserved-fields-refused --json';

/** A trace as a check prints it; the same check for all. */
let checked: Promise<object> | null = null;
function found(): Promise<object> {
  checked ??= check();
  return checked;
}

async function check(): Promise<object> {
  const { stdout } = await nestcheck(VIOLATED.split(' '));
  const { properties } = JSON.parse(stdout) as { readonly properties: readonly { readonly trace: object }[] };
  return properties[0]?.trace ?? {};
}

describe('nestcheck replay', () => {
  async function traceFile(
    name: string,
    change: (trace: object) => object = (trace) => trace,
  ): Promise<string> {
    return file(name, JSON.stringify(change(await found()), null, 2));
  }

  it('exits 0 for a trace that a check has printed, and draws it', async () => {
    const path = await traceFile('good.json');
    const { code, stdout } = await nestcheck(['replay', path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^violates reserved-fields-refused: /m);
    expect(stdout).toMatch(/^Replays exactly\.$/m);
  });

  it('exits 1 for a trace that drifts, and names the step', async () => {
    const path = await traceFile('drift.json', (trace) => ({ ...trace, design: { kernel: 'intended' } }));
    const { code, stdout } = await nestcheck(['replay', path]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^Drifts\. At step \d+ the trace says: ok .*\n {2}but the model says: EOPNOTSUPP$/m,
    );
    expect(stdout).not.toContain('violates');
  });

  it('prints one JSON object with --json for all files', async () => {
    const good = await traceFile('a.json');
    const drifting = await traceFile('b.json', (trace) => ({ ...trace, violation: 'something else' }));
    const { code, stdout } = await nestcheck(['replay', good, drifting, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'nestcheck/1',
      command: 'replay',
      verdict: 'drifts',
      traces: [
        { file: good, verdict: 'replays', property: 'reserved-fields-refused', drift: null },
        { file: drifting, verdict: 'drifts', drift: { step: null } },
      ],
    });
  });

  it.each([
    ['an unknown scope', { scope: 'mars' }, /unknown scope 'mars'; known: /],
    ['an unknown property', { property: 'mars' }, /unknown property 'mars'; known: /],
    ['an unknown design', { design: { kernel: 'mars' } }, /mars.*known: /],
    ['an unknown defect', { defects: ['mars'] }, /unknown defect 'mars'; known: /],
    ['an unknown key', { mars: 1 }, /mars\.json:\d+: mars: /],
    ['a module that was not named', { design: { './mars.ts': 'x' } }, /say --design \.\/mars\.ts to load it/],
  ])('exits 2 for %s', async (_, change, message) => {
    const path = await traceFile('mars.json', (trace) => ({ ...trace, ...change }));
    const { code, stderr } = await nestcheck(['replay', path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('is given what check --json prints in the form that files have', async () => {
    const text = JSON.stringify(await found());
    expect(JSON.parse(printTrace(parseTrace(text)))).toEqual(JSON.parse(text));
  });
});
