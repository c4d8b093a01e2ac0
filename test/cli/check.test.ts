import { describe, expect, it } from 'vitest';
import { file } from './file.ts';
import { nestcheck } from './terminal.ts';

const FAST = ['check', '--runs', '60', '--scope', 'one-smmu'];
const VIOLATED = [...FAST, '--design', 'kernel=linux-7.2', '--property', 'reserved-fields-refused'];
const HOLDS = [...FAST, '--property', 'ids-not-reused'];

async function json(argv: readonly string[]): Promise<object> {
  return JSON.parse((await nestcheck([...argv, '--json'])).stdout) as object;
}

describe('nestcheck check', () => {
  const module = `export default { name: 'mine', summary: 's', source: 's', rules: {`;

  it.each([
    ['0 where all hold', HOLDS, 0],
    ['1 where a property is violated', VIOLATED, 1],
    [
      '3 where a property is vacuous',
      ['check', '--runs', '1', '--steps', '1', '--property', 'ids-not-reused'],
      3,
    ],
    [
      '3 where the time ends first',
      ['check', '--runs', '10000000', '--time', '0.2s', '--property', 'ids-*'],
      3,
    ],
  ])('exits %s', async (_, argv, code) => {
    expect((await nestcheck(argv)).code).toBe(code);
  });

  it('ends in a summary that says what was explored and how to repeat it', async () => {
    const { stdout, stderr } = await nestcheck([...HOLDS, '--seed', '7', '--verbose']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^holds {8}ids-not-reused {2}\S/m);
    expect(stdout).toMatch(
      /Explored: 60 random runs of 60 commands each, 3,600 commands in [\d.]+ s, seed 7/,
    );
    expect(stdout).toMatch(/^Commands: \d+ of \d+ were made, with \d+ different outcomes/m);
    expect(stdout).toMatch(/^Holds: the property was not violated/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'Repeat with: nestcheck check --property ids-not-reused --scope one-smmu --runs 60 --steps 60 --seed 7',
    );
  });

  it('draws the minimal trace of a violated property', async () => {
    const { stdout } = await nestcheck(VIOLATED);
    expect(stdout).toMatch(/^1 {2}vmm:vm0 {2}\w+\(/m);
    expect(stdout).toMatch(/^violates reserved-fields-refused: /m);
    expect(stdout).toMatch(/^violated {5}reserved-fields-refused .*/m);
    expect(stdout).toMatch(/^Violated: 1 of 1 property\.$/m);
    expect(stdout).toMatch(/^ {2}reserved-fields-refused {2}\d+ steps, one-smmu$/m);
    expect(stdout).toMatch(/^Next: /m);
  });

  it('says that it is not through where the time ended first', async () => {
    const { stdout } = await nestcheck([
      'check',
      '--runs',
      '10000000',
      '--time',
      '0.2s',
      '--property',
      'ids-*',
    ]);
    expect(stdout).toMatch(/random runs of 10,000,000 planned/);
    expect(stdout).toMatch(/^Inconclusive: the time budget ended before all runs were done/m);
  });

  it('ends cleanly with what it found when interrupted', async () => {
    const { code, stdout } = await nestcheck(['check', '--runs', '10000000', '--property', 'ids-*'], {
      interruptAfter: 150,
    });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Inconclusive: it was interrupted/m);
  });

  it('prints one JSON object with --json, the same for the same seed', async () => {
    const [first, second] = [await json(VIOLATED), await json(VIOLATED)];
    expect({ ...first, seconds: 0 }).toEqual({ ...second, seconds: 0 });
    expect(first).toMatchObject({
      schema: 'nestcheck/1',
      command: 'check',
      verdict: 'violated',
      runs: 60,
      steps: 3_600,
      seed: 1,
      properties: [{ id: 'reserved-fields-refused', verdict: 'violated', scope: 'one-smmu' }],
    });
  });

  it('checks a design of the user, and says under what', async () => {
    const path = await file('mine.ts', `${module} viommuAllocChecksReserved: (): boolean => false } };`);
    const { code, stdout } = await nestcheck([...FAST, '--design', path, '--property', 'reserved-*-refused']);
    expect(code).toBe(1);
    expect(stdout).toContain(`${path}=mine`);
  });

  it("names the decision point of a user's design that throws", async () => {
    const path = await file(
      'throws.ts',
      `${module} viommuAllocChecksReserved: () => { throw new Error('oh') } } };`,
    );
    const { code, stderr } = await nestcheck([...FAST, '--design', path]);
    expect(code).toBe(2);
    expect(stderr).toBe(`nestcheck: ${path}: decision point 'viommuAllocChecksReserved' threw: oh\n`);
  });

  it('has colours on a terminal, and none with NO_COLOR', async () => {
    const esc = String.fromCharCode(27);
    expect((await nestcheck(HOLDS, { isTTY: true })).stdout).toContain(`${esc}[32mholds`);
    expect((await nestcheck(HOLDS, { isTTY: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(esc);
    expect((await nestcheck(HOLDS)).stdout).not.toContain(esc);
  });
});
