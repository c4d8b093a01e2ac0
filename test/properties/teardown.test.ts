import { describe, expect, it } from 'vitest';
import { intended } from '../../model/rules.ts';
import { teardownReturnsEverything } from '../../properties/iommufd/teardown-returns-everything.ts';
import { stalling } from '../../workload/scopes/stalling.ts';
import { type Line, play } from '../support/script.ts';

const LINES: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['openCdev', { device: 'dev0' }, 'cdev'],
  ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['ioasMap', { fd: 'io', flags: 2, ioasId: 'ioas', userVa: 0xffff_f6ff_9000n, length: 0x1000n }],
  ['hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas' }, 'hwpt'],
  ['vfioAttach', { fd: 'cdev', ptId: 'hwpt' }],
  ['close', { fd: 'io' }],
  ['mmapBar', { fd: 'cdev' }],
  ['close', { fd: 'cdev' }],
  ['hostInterrupt', {}],
];

describe('a teardown', () => {
  it('that is interrupted in the middle of its last unmapping goes on to its end', () => {
    const { world } = play(stalling.platform, LINES);
    expect(world.devices[0]?.opened).toBe(true);
    expect(teardownReturnsEverything.violated(world, intended)).toBeNull();
  });
});
