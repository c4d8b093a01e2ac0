import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { withCanonicalNames } from '../../checker/canonical.ts';
import { isMinimal, minimise } from '../../checker/minimise.ts';
import { showsViolation } from '../../checker/random/engine.ts';
import type { Setting } from '../../checker/run.ts';
import type { Call } from '../../model/call.ts';
import { intended } from '../../model/rules.ts';
import { alloc, atMostTwoIoases, destroy, map, noFlags, open, poll, tiny } from './fakes.ts';

const setting: Setting = { scope: tiny, rules: intended };

const noise: readonly Call[] = [
  open('f'),
  alloc('f', 'a'),
  poll,
  alloc('f', 'b', { size: 16 }),
  destroy('f', 'a'),
  open('g'),
  alloc('g', 'c', { data: [1n, 2n] }),
  map('f', 'b', { length: 0x1000n }),
  alloc('f', 'd'),
  alloc('g', 'e', { flags: 12 }),
  alloc('f', 'e'),
  poll,
];

describe('a minimised trace', () => {
  it('is exactly what it takes: an open file and three allocations', () => {
    const minimal = minimise(noise, showsViolation(setting, atMostTwoIoases));
    expect(minimal.map(({ command }) => command)).toEqual([
      'openIommufd',
      'ioasAlloc',
      'ioasAlloc',
      'ioasAlloc',
    ]);
    expect(
      minimal.every(({ args }) => Object.keys(args).join() === '' || Object.keys(args).join() === 'fd'),
    ).toBe(true);
  });

  it('keeps one bit of an argument where one bit is what it takes', () => {
    const minimal = minimise(noise, showsViolation(setting, noFlags));
    expect(minimal).toEqual([open('g'), alloc('g', 'e', { flags: 1 })]);
  });

  it('ends with the call that shows it', () => {
    const calls = [open('f'), alloc('f', 'a', { flags: 1 }), poll, poll];
    expect(minimise(calls, showsViolation(setting, noFlags))).toHaveLength(2);
  });

  const calls = fc.array(fc.constantFrom(...noise), { maxLength: 30 });

  test.prop([calls, fc.constantFrom(atMostTwoIoases, noFlags)])(
    'is 1-minimal, and a subsequence in its commands, whatever it came from',
    (from, property) => {
      const shows = showsViolation(setting, property);
      fc.pre(shows(from) !== null);
      const minimal = minimise(from, shows);
      expect(isMinimal(minimal, shows)).toBe(true);
      expect(minimise(minimal, shows)).toEqual(minimal);
      let at = 0;
      for (const { command } of minimal) {
        at = from.findIndex((call, index) => index >= at && call.command === command) + 1;
        expect(at).toBeGreaterThan(0);
      }
    },
  );
});

describe('1-minimality', () => {
  const minimal = [open('f'), alloc('f', 'a', { flags: 1 })];
  const shows = showsViolation(setting, noFlags);
  const cases: readonly [string, readonly Call[], boolean][] = [
    ['holds where nothing can be left out', minimal, true],
    ['fails where a call can be left out', [open('f'), poll, alloc('f', 'a', { flags: 1 })], false],
    ['fails where an argument can be left out', [open('f'), alloc('f', 'a', { flags: 1, size: 16 })], false],
    ['fails where an argument can be smaller', [open('f'), alloc('f', 'a', { flags: 6 })], false],
    ['fails where calls follow', [...minimal, poll], false],
    ['fails where nothing is shown', [open('f')], false],
  ];

  it.each(cases)('%s', (_, calls, expected) => {
    expect(isMinimal(calls, shows)).toBe(expected);
  });
});

describe('canonical names', () => {
  it('number what is made by kind, in order of creation', () => {
    const calls = [
      open('x'),
      open('y'),
      alloc('y', 'p'),
      alloc('x', 'q'),
      destroy('y', 'p'),
      destroy('x', 'q'),
    ];
    expect(withCanonicalNames(setting, calls)).toEqual([
      open('iommufd0'),
      open('iommufd1'),
      alloc('iommufd1', 'ioas0'),
      alloc('iommufd0', 'ioas1'),
      destroy('iommufd1', 'ioas0'),
      destroy('iommufd0', 'ioas1'),
    ]);
  });

  it('drop names that nothing uses, and those of what was not made', () => {
    const named = withCanonicalNames(setting, [open('x'), open('unused'), alloc('x', 'a', { flags: 1 })]);
    expect(named.map(({ as }) => as)).toEqual(['iommufd0', undefined, undefined]);
  });

  it('follow a name that is given twice', () => {
    const calls = [open('x'), alloc('x', 'a'), destroy('x', 'a'), alloc('x', 'a'), destroy('x', 'a')];
    expect(withCanonicalNames(setting, calls).map(({ args, as }) => as ?? args.id)).toEqual([
      'iommufd0',
      'ioas0',
      'ioas0',
      'ioas1',
      'ioas1',
    ]);
  });

  it('keep names unbound that nothing binds', () => {
    expect(withCanonicalNames(setting, [open('x'), destroy('x', 'ioas0')])[1]?.args.id).toBe('unbound0');
  });

  it('say whose it is where there are several virtual machines', () => {
    const several = { ...setting, scope: { ...tiny, platform: { ...tiny.platform, vms: ['vm0', 'vm1'] } } };
    const calls: readonly Call[] = [
      { ...open('x'), actor: 'vmm:vm1' },
      { ...alloc('x', 'a'), actor: 'vmm:vm1' },
    ];
    expect(withCanonicalNames(several, calls)[0]?.as).toBe('vm1.iommufd0');
  });

  test.prop([fc.array(fc.constantFrom(...noise), { maxLength: 30 })])('change no answer', (calls) => {
    const lengths = [atMostTwoIoases, noFlags].map((property) => {
      const shows = showsViolation(setting, property);
      return [shows(calls), shows(withCanonicalNames(setting, calls))];
    });
    for (const [before, after] of lengths) expect(after).toBe(before);
  });
});
