import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { markedCommands, markedPaint, shown } from '../../cli/output.ts';

const esc = String.fromCharCode(27);

describe('what is printed', () => {
  test.prop([fc.string({ unit: 'binary' })])('does nothing to a terminal, whatever it says', (text) => {
    expect(shown(text).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  });

  it('has our own colours, around what is not coloured by itself', () => {
    const { good, bold } = markedPaint();
    expect(shown(`${good('fine')} ${bold(`${esc}[31mred`)}`)).toBe(
      `${esc}[32mfine${esc}[39m ${esc}[1m\\u{1b}[31mred${esc}[22m`,
    );
  });

  it('has no mark that a text could make up', () => {
    expect(shown('\u{fdd0}x:good\u{fdd1}')).toBe('\\u{fdd0}x:good\\u{fdd1}');
  });

  it('has no workflow command of GitHub but those that we give', () => {
    expect(shown('a\n  ::stop-commands::x\n##[group]y')).toBe(
      'a\n  \\u{3a}:stop-commands::x\n#\\u{23}[group]y',
    );
    expect(shown(markedCommands('::error title=x::y\n'))).toBe('::error title=x::y\n');
  });
});
