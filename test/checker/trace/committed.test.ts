import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { printTrace } from '../../../checker/trace/encode.ts';
import { parseTrace } from '../../../checker/trace/parse.ts';

const HOME = 'counterexamples';
const FILES = readdirSync(HOME, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.json'),
);

it('every committed trace is printed as it was read, byte by byte', () => {
  expect(FILES.length).toBeGreaterThan(80);
  for (const name of FILES) {
    const text = readFileSync(join(HOME, name), 'utf8');
    expect(printTrace(parseTrace(text)), name).toBe(text);
  }
});
