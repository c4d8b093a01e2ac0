import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOf } from '../../tools/fuzz/judge.ts';
import { SHAPES, TARGETS, writeShape } from '../../tools/fuzz/shapes.ts';
import { nestcheck } from '../cli/terminal.ts';

/** Enough to be more than every limit of a text; `npm run large` gives each reader a gigabyte. */
const BYTES = 17 * 1024 * 1024;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-large-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** One of each reader; those of packed files are the same behind gunzip. */
const READERS = TARGETS.filter(({ name }) => !name.endsWith('.gz') || name === 'shape.jsonl.gz');

describe.each(READERS)('$name', ({ name, argv }) => {
  it.each(SHAPES)('of $name is given up in one line', async (shape) => {
    const path = join(folder, `${SHAPES.indexOf(shape)}-${name}`);
    await writeShape(path, shape, BYTES);
    const started = performance.now();
    const answer = await nestcheck([...argv, path]);
    expect(answer.code).toBe(2);
    expect(faultOf(answer)).toBeNull();
    expect(performance.now() - started).toBeLessThan(60_000);
    await rm(path);
  });
});
