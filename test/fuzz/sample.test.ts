import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../tools/committed.ts';
import { type Input, inputsFrom, withFile } from '../../tools/fuzz/inputs.ts';
import { faultOf } from '../../tools/fuzz/judge.ts';
import { nestcheck } from '../cli/terminal.ts';

const CORPUS = join(ROOT, 'tools/fuzz/corpus');
const BAD = join(ROOT, 'test/data/bad-input');
const INPUTS = 150;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[(?:1|2|22|3[123]|39)m`, 'g');

const inputs = await inputsFrom(CORPUS);
const bad = (await readdir(BAD)).sort();

describe('the fuzzer', () => {
  it(`finds no fault in ${INPUTS} inputs of one seed`, async () => {
    for (const input of fc.sample(inputs, { seed: 7, numRuns: INPUTS })) {
      const answer = await withFile(input, nestcheck);
      expect(faultOf(answer), JSON.stringify(input)).toBeNull();
    }
  });

  it('draws the same inputs from the same seed, for every reader', () => {
    const draw = (): readonly Input[] => fc.sample(inputs, { seed: 3, numRuns: 60 });
    expect(draw()).toEqual(draw());
    expect(new Set(draw().map(({ reader }) => reader)).size).toBe(6);
  });

  it('sees what no answer may be', () => {
    const fine = { code: 0, stdout: '', stderr: '' };
    expect(faultOf(fine)).toBeNull();
    expect(faultOf({ ...fine, code: 70 })).toMatch(/exits with 70/);
    expect(faultOf({ ...fine, stdout: '\u001b[2J' })).toMatch(/U\+1b/);
    expect(faultOf({ ...fine, stdout: '  ::stop-commands::x\n' })).toBe('a workflow command');
    expect(faultOf({ ...fine, code: 2, stderr: 'nestcheck: a\nb\n' })).toMatch(/not one line/);
    expect(faultOf({ ...fine, code: 2, stderr: `nestcheck: ${'x'.repeat(400)}\n` })).toMatch(/of 412 char/);
  });
});

describe('inputs that once hung, ended or deceived the command', () => {
  it.each(bad)('%s has an answer soon', async (name) => {
    const command = name.endsWith('.jsonl') ? 'conform' : 'replay';
    for (const isTTY of [false, true]) {
      const started = performance.now();
      const { code, stdout, stderr } = await nestcheck([command, join(BAD, name)], { isTTY });
      // On a terminal there are the command's own colours, and no others.
      const own = (text: string): string => text.replaceAll(COLOUR, '');
      expect(faultOf({ code, stdout: isTTY ? own(stdout) : stdout, stderr })).toBeNull();
      expect(performance.now() - started).toBeLessThan(20_000);
    }
  });
});
