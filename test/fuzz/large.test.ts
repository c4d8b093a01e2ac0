import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOf } from '../../tools/fuzz/judge.ts';
import { SHAPES, TARGETS, writeShape } from '../../tools/fuzz/shapes.ts';
import { nestcheck } from '../cli/terminal.ts';

/** Enough to be more than every limit of a text; `npm run large` gives each reader a gigabyte. */
const BYTES = 20 * 1024 * 1024;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestcheck-large-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.each(TARGETS)('$name', ({ name, argv }) => {
  it.each(SHAPES)('of $name is given up in one line', async (shape) => {
    const path = join(folder, `${SHAPES.indexOf(shape)}-${name}`);
    await writeShape(path, shape, BYTES);
    const before = process.memoryUsage().rss;
    const started = performance.now();
    const answer = await nestcheck([...argv, path]);
    expect(answer.code).toBe(2);
    expect(faultOf(answer)).toBeNull();
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    expect(performance.now() - started).toBeLessThan(30_000);
    await rm(path);
  });
});
