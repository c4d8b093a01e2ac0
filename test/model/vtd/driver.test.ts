import { describe, expect, it } from 'vitest';
import { gpaOf, VtdLab } from './lab.ts';

/** What the last of several calls gave. */
function last(...given: readonly string[]): string {
  return given.at(-1) ?? '';
}

describe('a nested HWPT of VT-d', () => {
  it.each<[string, (lab: VtdLab) => string, string]>([
    ['is made on its parent', (lab) => lab.nested('n'), 'ok'],
    [
      'needs a nesting parent',
      (lab) => last(lab.alloc('plain'), lab.nested('n', 1, { ptId: 'plain' })),
      'EINVAL',
    ],
    ['has data of VT-d', (lab) => lab.nested('n', 1, { dataType: 2 }), 'EOPNOTSUPP'],
    ['has data of exactly one length', (lab) => lab.nested('n', 1, { dataLen: 16 }), 'EINVAL'],
    [
      'has its reserved word zero',
      (lab) => lab.nested('n', 1, {}, [0n, gpaOf(1), (1n << 32n) | 48n]),
      'EOPNOTSUPP',
    ],
    ['cannot itself be a nesting parent', (lab) => lab.nested('n', 1, { flags: 1 }), 'EOPNOTSUPP'],
    [
      'cannot be made by a unit that does not nest',
      (lab) => lab.nested('n', 1, { devId: 'dev2' }),
      'EOPNOTSUPP',
    ],
    [
      'keeps its parent',
      (lab) => last(lab.nested('n'), lab.vmm('destroy', { fd: 'io', id: 'parent' })),
      'EBUSY',
    ],
    ['is attached without any vDEVICE', (lab) => last(lab.nested('n'), lab.attach('n')), 'ok'],
    ['is attached by PASID', (lab) => last(lab.nested('n'), lab.attach('n', 1)), 'ok'],
    [
      'of five levels is refused when it is attached',
      (lab) => last(lab.nested('n', 1, {}, [0n, gpaOf(1), 57n]), lab.attach('n')),
      'EINVAL',
    ],
    [
      'with extended accessed flags is, where there are none',
      (lab) => last(lab.nested('n', 1, {}, [2n, gpaOf(1), 48n]), lab.attach('n')),
      'EINVAL',
    ],
    [
      'with supervisor requests is not, where there are',
      (lab) => last(lab.nested('n', 1, {}, [1n, gpaOf(1), 48n]), lab.attach('n')),
      'ok',
    ],
    ['needs a PASID table', (lab) => last(lab.nested('n'), lab.attach('n', null, 2)), 'ENODEV'],
  ])('%s', (_what, run, expected) => {
    expect(run(new VtdLab())).toBe(expected);
  });

  it('is refused without a trace of it', () => {
    const lab = new VtdLab();
    lab.attach('parent');
    lab.nested('n', 1, {}, [0n, gpaOf(1), 57n]);
    const before = lab.world;
    expect(lab.attach('n')).toBe('EINVAL');
    expect(lab.world).toBe(before);
    expect(lab.last?.effects).toEqual([]);
  });
});

describe('the driver of VT-d', () => {
  it.each<[string, (lab: VtdLab) => string, string]>([
    [
      'has no vIOMMU',
      (lab) => lab.vmm('viommuAlloc', { fd: 'io', type: 1, devId: 'dev0', hwptId: 'parent' }),
      'EOPNOTSUPP',
    ],
    ['makes nesting parents for PASIDs too', (lab) => lab.alloc('p', 9), 'ok'],
    ['tracks no writes where the unit does not', (lab) => lab.alloc('p', 2), 'EOPNOTSUPP'],
    ['nests on no unit in legacy mode', (lab) => lab.alloc('p', 1, 'dev2'), 'EOPNOTSUPP'],
    ['shares second-stage domains between units', (lab) => lab.attach('parent', null, 2), 'ok'],
    [
      'does not share first-stage ones with legacy mode',
      (lab) => last(lab.alloc('f'), lab.attach('f', null, 2)),
      'EINVAL',
    ],
    ['puts no read-only page under a nesting parent', (lab) => lab.map(8, 1, 5), 'EINVAL'],
    [
      'makes no nesting parent over one',
      (lab) => {
        lab.vmm('destroy', { fd: 'io', id: 'parent' });
        lab.map(8, 1, 5);
        return lab.alloc('p', 1);
      },
      'EINVAL',
    ],
    [
      'keeps interrupts out of IOVA spaces',
      (lab) =>
        last(
          lab.attach('parent'),
          lab.vmm('ioasMap', {
            fd: 'io',
            ioasId: 'ioas',
            flags: 7,
            iova: 0xfee0_0000n,
            userVa: 0x7f00_0000_0000n,
            length: 0x1000n,
          }),
        ),
      'EINVAL',
    ],
  ])('%s', (_what, run, expected) => {
    expect(run(new VtdLab())).toBe(expected);
  });

  it('shows its registers, and that it has the erratum', () => {
    const lab = new VtdLab();
    lab.vmm('getHwInfo', { fd: 'io', devId: 'dev0', dataLen: 24 });
    const { data, dataType, outMaxPasidLog2 } = lab.last?.result.out ?? {};
    const { cap, ecap } = lab.world.platform.iommus[0]?.vtd ?? {};
    expect([dataType, outMaxPasidLog2, data]).toEqual([1, 2, [1n, cap, ecap]]);
  });
});

describe('HWPT_INVALIDATE of a nested HWPT', () => {
  const page = 0x1000n;

  it.each<[string, readonly (readonly [bigint, bigint, bigint])[], string, number]>([
    [
      'handles every entry',
      [
        [page, 1n, 0n],
        [0n, 2n, 1n],
      ],
      'ok',
      2,
    ],
    [
      'stops at an unknown flag',
      [
        [page, 1n, 0n],
        [page, 1n, 2n],
      ],
      'EOPNOTSUPP',
      1,
    ],
    ['stops at a reserved word', [[page, 1n, 1n << 32n]], 'EOPNOTSUPP', 0],
    ['stops at an address within a page', [[0x1234n, 1n, 0n]], 'EINVAL', 0],
    ['takes all pages from 0 on', [[0n, (1n << 64n) - 1n, 0n]], 'ok', 1],
    [
      'and from nowhere else',
      [
        [page, 1n, 0n],
        [page, (1n << 64n) - 1n, 0n],
      ],
      'EINVAL',
      1,
    ],
  ])('%s', (_what, ranges, expected, handled) => {
    const lab = new VtdLab();
    lab.nested('n');
    lab.attach('n');
    expect(lab.flush('n', ...ranges)).toBe(expected);
    expect(lab.last?.result.out.entryNum).toBe(handled);
  });
});
