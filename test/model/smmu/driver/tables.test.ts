import { describe, expect, it } from 'vitest';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../../../model/smmu/architecture/implementation.ts';
import { translateThroughSte } from '../../../../model/smmu/architecture/translate.ts';
import { readDriverMemory } from '../../../../model/smmu/driver/read.ts';
import { physicalOf } from '../../../../model/world/memory/user-pages.ts';
import { smmu } from '../../../../workload/scopes/hardware.ts';
import { BOUND, type Line, NESTED } from '../../../support/script.ts';
import { driveScript } from './script.ts';

const VA = 0xffff_f6ff_9000n;
const READ = 4;
const WRITE = 2;
const FIXED = 1;

const map = (iova: bigint, flags: number, page: bigint): Line => [
  'ioasMap',
  {
    fd: 'io',
    ioasId: 'ioas',
    flags: FIXED | flags,
    userVa: VA + page * 0x1000n,
    length: 0x3000n,
    iova,
  },
];

const MAPS: readonly Line[] = [
  map(0x1000n, READ | WRITE, 0n),
  map(0x1f_f000n, READ | WRITE, 8n),
  map(0x10_0000_0000n, READ, 16n),
  map(0xfff_ffff_0000n, WRITE, 24n),
];

const [IDR0 = 0, IDR1 = 0, IDR2 = 0, IDR3 = 0, IDR4 = 0, IDR5 = 0] = smmu('smmu0').idr;
const implementation = implementationOf({ IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR: 0, AIDR: 1 });

describe("the driver's entries and tables, walked as the architecture walks them", () => {
  const domains: readonly (readonly [stage: string, script: readonly Line[], writeOnlyReads: string])[] = [
    ['stage 1', [...BOUND, ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }]], 'read'],
    ['stage 2', [...NESTED, ['vfioAttach', { fd: 'cdev', ptId: 'parent' }]], 'F_PERMISSION'],
  ];

  describe.each(domains)('%s', (_stage, script, writeOnlyReads) => {
    const { world, state } = driveScript([...script, ...MAPS]);
    const reach = (iova: bigint, direction: 'read' | 'write'): string | bigint => {
      const outcome = translateThroughSte(
        state.streamTables[0]?.[16] ?? [],
        dataAccess(16, iova, direction),
        implementation,
        (address) => readDriverMemory(state, world, address),
      );
      if (outcome.kind === 'translated') return outcome.address;
      return outcome.kind === 'fault' ? outcome.event.name : outcome.kind;
    };
    const page = (index: bigint): bigint | null => physicalOf(world.platform, VA + index * 0x1000n);

    it.each([
      ['the first page', 0x1000n, 0n],
      ['within a page', 0x2004n, 1n],
      ['across the end of a table', 0x20_0000n, 9n],
      ['the last page of an area', 0x20_1ffcn, 10n],
      ['under another top-level entry', 0x10_0000_1000n, 17n],
    ])('%s', (_what, iova, index) => {
      expect(reach(iova, 'read')).toBe((page(index) ?? 0n) + (iova & 0xfffn));
    });

    it.each([
      ['below the first area', 0x0n],
      ['past an area', 0x4000n],
      ['far from any area', 0x8_0000_0000n],
    ])('%s there is nothing', (_what, iova) => {
      expect(reach(iova, 'write')).toBe('F_TRANSLATION');
    });

    it('keeps writes from what was mapped for reading', () => {
      expect(reach(0x10_0000_0000n, 'write')).toBe('F_PERMISSION');
    });

    it('keeps reads from what was mapped for writing, where a stage can', () => {
      const expected = writeOnlyReads === 'read' ? page(24n) : writeOnlyReads;
      expect(reach(0xfff_ffff_0000n, 'read')).toBe(expected);
      expect(reach(0xfff_ffff_0000n, 'write')).toBe(page(24n));
    });
  });
});
