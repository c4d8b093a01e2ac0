import { describe, expect, it } from 'vitest';
import { Monitor } from '../../checker/monitor.ts';
import { Execution, type Setting } from '../../checker/run.ts';
import { violationOf } from '../../checker/violation.ts';
import { watchOf } from '../../checker/watch.ts';
import { intended } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import {
  alloc,
  atMostTwoIoases,
  destroy,
  ioases,
  nothingHappens,
  open,
  stateProperty,
  stepProperty,
  tiny,
} from './fakes.ts';

const setting: Setting = { scope: tiny, rules: intended };

const calls = [
  open('f'),
  destroy('f', 'nothing'),
  alloc('f', 'a'),
  alloc('f', 'b'),
  alloc('f', 'c'),
  alloc('f', 'd'),
];

function runAll(properties: readonly Property[], monitor: Monitor | null = null): Execution {
  const execution = new Execution(setting, watchOf(properties), monitor);
  for (const call of calls) execution.apply(call);
  execution.end();
  return execution;
}

describe('a run', () => {
  it('looks at state properties in the first world and in every world that changed', () => {
    const seen: number[] = [];
    runAll([
      stateProperty('counts', {
        violated: (world) => {
          seen.push(ioases(world));
          return null;
        },
      }),
    ]);
    expect(seen).toEqual([0, 0, 1, 2, 3, 4]);
  });

  it('looks at step properties at every step, refused ones too', () => {
    const seen: string[] = [];
    runAll([
      stepProperty('answers', {
        violated: ({ result }) => {
          seen.push(result.ok ? 'ok' : result.errno);
          return null;
        },
      }),
    ]);
    expect(seen).toEqual(['ok', 'ENOENT', 'ok', 'ok', 'ok', 'ok']);
  });

  it('looks at reachability and pair properties once, at its end', () => {
    const ends: number[] = [];
    const lengths: number[] = [];
    const common = { sentence: '', source: '', brokenBy: '' };
    runAll([
      {
        ...common,
        id: 'end',
        kind: 'reachability',
        violated: (world) => {
          ends.push(ioases(world));
          return 'at the end';
        },
        witness: () => true,
      },
      {
        ...common,
        id: 'pair',
        kind: 'pair',
        violated: (run) => {
          lengths.push(run.transitions.length);
          return null;
        },
        witness: () => true,
      },
    ]);
    expect(ends).toEqual([4]);
    expect(lengths).toEqual([6]);
  });

  it('says where each property is violated first, and says it once', () => {
    const first = stepProperty('first', { violated: () => 'always' });
    expect(runAll([atMostTwoIoases, first]).found).toEqual([
      { property: first, calls: 1, violation: 'always' },
      { property: atMostTwoIoases, calls: 5, violation: 'there are 3 IOASes' },
    ]);
  });

  it('can be cut short at a violation of one property', () => {
    expect(violationOf(setting, atMostTwoIoases, calls)?.calls).toBe(5);
    expect(violationOf(setting, atMostTwoIoases, calls.slice(0, 4))).toBeNull();
  });
});

describe('the monitor', () => {
  it('counts every command by how it ended and has an empty row for those never made', () => {
    const monitor = new Monitor([]);
    runAll([], monitor);
    const coverage = monitor.coverage();
    expect(coverage.ioasAlloc).toEqual({ ok: 4 });
    expect(coverage.destroy).toEqual({ ENOENT: 1 });
    expect(coverage.poll).toEqual({});
  });

  it('lists outcomes with ok first and then errnos by name', () => {
    const monitor = new Monitor([]);
    const out = {};
    for (const errno of ['ENOENT', 'EBUSY'] as const) monitor.count('destroy', { ok: false, errno, out });
    monitor.count('destroy', { ok: true, out });
    expect(Object.keys(monitor.coverage().destroy)).toEqual(['ok', 'EBUSY', 'ENOENT']);
  });

  it('notes in which scope a witness was reached first, and then asks no more', () => {
    let asked = 0;
    const property = stateProperty('witnessed', {
      witness: (world) => {
        asked++;
        return ioases(world) > 0;
      },
    });
    const monitor = new Monitor([property, nothingHappens]);
    runAll([], monitor);
    expect(monitor.witnessOf(property)).toBe('tiny');
    expect(monitor.witnessOf(nothingHappens)).toBeNull();
    expect(asked).toBe(3);
  });
});
