import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { markdownCode, markdownFence, markdownText } from '../../../checker/outside/markdown.ts';
import {
  clipped,
  isPrintableLine,
  jsonText,
  oneLine,
  pathText,
  printable,
  thrownText,
} from '../../../checker/outside/text.ts';

const ACTED_UPON = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '[',
      '2',
      'J',
      '\u009b',
      '\u202e',
      '\n',
      '\r',
      '\ud800',
      'a',
      ' ',
      '`',
      '|',
      '<',
    ),
  }),
);

describe('text from outside', () => {
  test.prop([hostile])('is shown, and nothing in it is acted upon but the ends of lines', (text) => {
    expect(printable(text).replaceAll('\n', '')).not.toMatch(ACTED_UPON);
    expect(isPrintableLine(oneLine(text, 50))).toBe(true);
    expect(oneLine(text, 50).length).toBeLessThanOrEqual(50);
    expect(isPrintableLine(pathText(text))).toBe(true);
  });

  test.prop([fc.string({ unit: 'grapheme-ascii' })])('stays as it is where it is plain', (text) => {
    expect(printable(text)).toBe(text);
  });

  test.prop([fc.string({ unit: 'binary' }), fc.nat(20)])('is cut at a character', (text, most) => {
    const lone = (some: string): number => [...some].filter((char) => /\p{Cs}/u.test(char)).length;
    expect(clipped(text, most).length).toBeLessThanOrEqual(Math.max(most, 1));
    expect(lone(clipped(text, most))).toBeLessThanOrEqual(lone(text));
  });

  test.prop([fc.jsonValue({ stringUnit: 'binary' })])('is the same value in JSON', (value) => {
    const text = jsonText(value, 1);
    expect(text.replaceAll('\n', '')).not.toMatch(ACTED_UPON);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
  });

  test.prop([hostile])('makes no line, link, element, table cell or fence in Markdown', (text) => {
    const shown = markdownText(text);
    expect(shown).not.toMatch(/\n|<[a-z/!?]|(?<!\\)(?:\\\\)*[[\]|*]/i);
    expect(markdownCode(text)).not.toContain('\n');
    const lines = markdownFence('text', text).split('\n');
    const fence = lines.at(-1) ?? '';
    expect(fence).toMatch(/^`{3,}$/);
    expect(lines.slice(1, -1).some((line) => line.startsWith(fence))).toBe(false);
  });

  it('is shown of whatever was thrown', () => {
    const odd: readonly unknown[] = [
      null,
      undefined,
      Symbol('x'),
      Object.create(null),
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
      Object.assign(new Error('x'), {
        message: {
          toString: () => {
            throw new Error('no');
          },
        },
      }),
      'two\nlines',
      new Error('\u001b[2J'),
    ];
    for (const thrown of odd) expect(isPrintableLine(thrownText(thrown))).toBe(true);
  });
});
