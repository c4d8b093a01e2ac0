import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../../../model/smmu/machine/mappings.ts';
import { accesses } from '../../../../workload/scopes/accesses.ts';
import { type Line, play } from '../../../support/script.ts';

/** Who the first context belongs to after these calls of vm0's VMM. */
function owner(lines: readonly Line[]): number {
  return ownerOf(play(accesses.platform, [['openIommufd', {}, 'io'], ...lines]).world, 0);
}

const CLOSE: Line = ['close', { fd: 'io' }];

describe('a context whose descriptor is closed', () => {
  it('is nobody’s once nothing is left of it', () => {
    expect(owner([])).toBe(0);
    expect(owner([CLOSE])).toBe(-1);
  });

  it.each<[string, readonly Line[]]>([
    [
      'a bound device',
      [
        ['openCdev', { device: 'dev0' }, 'cdev'],
        ['vfioBind', { fd: 'cdev', iommufd: 'io' }],
      ],
    ],
    [
      'a bound mediated device',
      [
        ['openCdev', { device: 'mdev0' }, 'mdev'],
        ['vfioBind', { fd: 'mdev', iommufd: 'io' }],
      ],
    ],
    ['a queue of page requests', [['faultQueueAlloc', { fd: 'io' }, 'faults']]],
    [
      'a call in flight',
      [
        ['ioasAlloc', { fd: 'io' }, 'ioas'],
        ['destroyBegins', { fd: 'io', id: 'ioas' }],
      ],
    ],
  ])('stays its VMM’s by %s', (_what, lines) => {
    expect(owner([...lines, CLOSE])).toBe(0);
  });
});
