import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { selectGlobs, selectNames } from '../../../checker/select/by-name.ts';
import { UsageError } from '../../../checker/select/usage-error.ts';

const all = ['ids-not-reused', 'iova-ranges-exact', 'iova-space-disjoint'];
const itself = (name: string): string => name;

describe('a selection by globs', () => {
  const cases: readonly [globs: string[], selected: string[]][] = [
    [[], all],
    [['*'], all],
    [['iova-*'], ['iova-ranges-exact', 'iova-space-disjoint']],
    [
      ['*-exact', 'ids-not-reused'],
      ['ids-not-reused', 'iova-ranges-exact'],
    ],
    [['i*a*s*t'], ['iova-ranges-exact', 'iova-space-disjoint']],
    [['ids-not-reused*'], ['ids-not-reused']],
    [['**'], all],
  ];

  it.each(cases)('of %j is %j', (globs, selected) => {
    expect(selectGlobs('property', all, itself, globs)).toEqual(selected);
  });

  it.each(['IDS-NOT-REUSED', 'i.s-not-reused'])('refuses %j and names what was meant', (glob) => {
    expect(() => selectGlobs('property', all, itself, [glob])).toThrow(
      new UsageError(`unknown property '${glob}'; did you mean ids-not-reused? known: ${all.join(', ')}`),
    );
  });

  it.each(['ids', 'ids-not-reused-not-reused', ''])('refuses %j and names what is known', (glob) => {
    expect(() => selectGlobs('property', all, itself, [glob])).toThrow(
      new UsageError(`unknown property '${glob}'; known: ${all.join(', ')}`),
    );
  });

  const piece = fc.constantFrom('a', 'b', '-', '*');
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  test.prop([text, text])('is that of the regular expression which says the same', (glob, raw) => {
    const name = raw.replaceAll('*', '');
    const pattern = new RegExp(`^${glob.replaceAll('*', '.*')}$`);
    const select = (): readonly string[] => selectGlobs('name', [name], itself, [glob]);
    if (pattern.test(name)) expect(select()).toEqual([name]);
    else expect(select).toThrow(UsageError);
  });
});

describe('a selection by names', () => {
  it('keeps the order of what there is', () => {
    expect(selectNames('scope', all, itself, ['iova-ranges-exact', 'ids-not-reused'])).toEqual(
      all.slice(0, 2),
    );
  });

  it('is everything where none is named', () => {
    expect(selectNames('scope', all, itself, [])).toEqual(all);
  });

  it('refuses an unknown name', () => {
    expect(() => selectNames('scope', all, itself, ['x'])).toThrow(
      "unknown scope 'x'; known: ids-not-reused, ",
    );
  });
});
