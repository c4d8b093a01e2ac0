import { describe, expect, it } from 'vitest';
import { runBuilt } from './built.ts';
import { file } from './file.ts';
import { nestcheck, type Ran } from './terminal.ts';

// Fewer runs than a thread gets at once are no test of merging: 90 are five tasks, the last one short.
const CHECK = [
  ...['check', '--runs', '90', '--steps', '30', '--design', 'kernel=linux-7.2', '--json'],
  ...['--scope', 'one-smmu', '--scope', 'two-smmus'],
  ...['--property', 'reserved-*', '--property', 'ids-*', '--property', 'vsmmus-*', '--property', 'boots-*'],
];

/** What is printed, but for how long it took. */
function timeless({ stdout, stderr }: Ran): string {
  expect(stderr).toBe('');
  return stdout.replace(/"seconds": [0-9.]+/, '"seconds": 0');
}

describe('check --workers', () => {
  it('gives the same report for any number, and each time', async () => {
    const one = timeless(await nestcheck(CHECK));
    expect(one).toContain('"verdict": "violated"');
    expect(timeless(await nestcheck([...CHECK, '--workers', '1']))).toBe(one);
    expect(timeless(await runBuilt([...CHECK, '--workers', '2']))).toBe(one);
  });

  it("names a user's decision point that throws, whichever thread it was in", async () => {
    const text = `export default { name: 'n', summary: 's', source: 's', rules: {
      viommuAllocChecksReserved: () => { throw new Error('oh') } } };`;
    const path = await file('throws.ts', text);
    const { code, stderr } = await runBuilt([...CHECK, '--design', path, '--workers', '2']);
    expect(code).toBe(2);
    expect(stderr).toBe(`nestcheck: ${path}: decision point 'viommuAllocChecksReserved' threw: oh\n`);
  });
});
