import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import {
  AS_EXPECTED,
  exportedCounterexamples,
  REPRODUCERS,
  type Reproducers,
} from '../../tools/reproducers.ts';

const { said } = JSON.parse(readFileSync(join(ROOT, REPRODUCERS), 'utf8')) as Reproducers;

describe('C programs beside counterexamples', async () => {
  const exported = await exportedCounterexamples();

  it('were run, every one that a process can be', () => {
    expect(Object.keys(said)).toEqual(exported.map(({ path }) => path).sort());
    expect(Object.values(said).filter((text) => text === AS_EXPECTED).length).toBeGreaterThan(9);
  });

  it('are there where the kernel answered as they say, and nowhere else', () => {
    const there = readdirSync(join(ROOT, 'counterexamples'), { recursive: true, encoding: 'utf8' });
    expect(
      there
        .filter((name) => name.endsWith('.c'))
        .map((name) => `counterexamples/${name}`)
        .sort(),
    ).toEqual(Object.keys(said).filter((path) => said[path] === AS_EXPECTED));
  });

  it.each(exported.filter(({ path }) => said[path] === AS_EXPECTED))(
    '$path is what export writes',
    ({ path, text }) => {
      expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
    },
  );
});
