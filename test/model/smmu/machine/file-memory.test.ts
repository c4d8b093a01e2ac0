import { describe, expect, it } from 'vitest';
import { runsOfDomain } from '../../../../model/smmu/machine/mappings.ts';
import { pageByPage } from '../../../../workload/scopes/page-by-page.ts';
import { type Line, play } from '../../../support/script.ts';

const PAGE = 0x1000n;

/** A device on a domain into which files are mapped, each with a page; user memory last. */
const ATTACHED: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['openCdev', { device: 'dev1' }, 'cdev'],
  ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'device'],
  ['hwptAlloc', { fd: 'io', devId: 'device', ptId: 'ioas' }, 'hwpt'],
  ['vfioAttach', { fd: 'cdev', ptId: 'hwpt' }],
];

const FLAGS = 0b110;

function mapFile(file: string): Line {
  return ['ioasMapFile', { fd: 'io', flags: FLAGS, ioasId: 'ioas', fileFd: file, length: PAGE }];
}

describe('memory of a file behind an SMMU whose caches are followed', () => {
  const { world } = play(pageByPage.platform, [
    ...ATTACHED,
    ['openFile', { of: 'memory' }, 'first'],
    ['openFile', { of: 'memory' }, 'second'],
    mapFile('first'),
    mapFile('second'),
    mapFile('first'),
    [
      'ioasMap',
      {
        fd: 'io',
        flags: FLAGS,
        ioasId: 'ioas',
        userVa: pageByPage.platform.userMemory[0]?.start ?? 0n,
        length: PAGE,
      },
    ],
  ]);
  const runs = runsOfDomain(world, {
    ctx: 0,
    hwpt: world.contexts[0]?.objects.findIndex((each) => each?.type === 'hwptPaging') ?? -1,
  });

  it('is mapped, each file at a place of its own', () => {
    expect(runs).toHaveLength(4);
    const places = runs.map(({ out }) => out);
    expect(places[0]).toBe(places[2]);
    expect(new Set(places).size).toBe(3);
  });
});
