import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTrace } from '../../checker/trace/parse.ts';
import { ROOT } from '../../tools/committed.ts';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

const COMMITTED = join(ROOT, 'counterexamples/viommu-reserved-ignored/reserved-fields-refused.json');

/** A committed trace with a needless command before it. */
async function longer(name: string, change: (trace: object) => object = (trace) => trace): Promise<string> {
  const trace = JSON.parse(await readFile(COMMITTED, 'utf8')) as { readonly steps: readonly object[] };
  const needless = { actor: 'vmm:vm0', command: 'openOther', args: {}, result: { ok: true, out: { fd: 3 } } };
  const { bound: _, ...rest } = { bound: null, ...trace };
  const grown = { ...rest, guarantee: null, steps: [needless, ...trace.steps] };
  return file(name, JSON.stringify(change(grown)));
}

describe('nestcheck minimise', () => {
  it('leaves out what is needless, and says that nothing shorter does it', async () => {
    const { code, stdout } = await nestcheck(['minimise', await longer('longer.json')]);
    expect(code).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      '6 of 7 commands, shortest: no sequence of fewer commands violates the property, as exhaustive search showed among all',
    );
  });

  it('finds the property of a trace that names none', async () => {
    const path = await longer('nameless.json', (trace) => ({ ...trace, property: null, violation: null }));
    const { code, stdout } = await nestcheck(['minimise', path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^violates reserved-fields-refused: /m);
  });

  it('writes the trace, and prints it as JSON', async () => {
    const to = await file('least.json', '');
    const { stdout } = await nestcheck(['minimise', await longer('for-json.json'), '--output', to, '--json']);
    const { command, before, after, trace } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ command, before, after }).toEqual({ command: 'minimise', before: 7, after: 6 });
    expect(trace).toMatchObject({ guarantee: 'shortest', bound: { depth: 5, alphabet: 'explored' } });
    const written = parseTrace(await readFile(to, 'utf8'));
    expect(written.steps).toHaveLength(6);
    expect(written.bound).toEqual({ depth: 5, alphabet: 'explored' });
  });

  it('says how far it came where there are too many states', async () => {
    const { stdout } = await nestcheck(['minimise', await longer('few.json'), '--states', '3']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /1-minimal: .*; no sequence of up to \d commands? violates it/,
    );
  });

  it.each([
    [
      'violates nothing',
      (trace: object) => ({ ...trace, design: {}, property: null, violation: null }),
      /expected a trace that violates a property/,
    ],
    [
      'does not violate its property',
      (trace: object) => ({ ...trace, design: {} }),
      /expected its commands to violate reserved-fields-refused/,
    ],
  ])('exits 2 for a trace that %s', async (name, change, says) => {
    const path = await longer(`${name.replaceAll(' ', '-')}.json`, change);
    const { code, stdout, stderr } = await nestcheck(['minimise', path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
  });
});
