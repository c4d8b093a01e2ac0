import { describe, expect, it } from 'vitest';
import { freshName, indexNames } from '../../../workload/generator/names.ts';

describe('names of a trace', () => {
  it.each([
    ['hwpt3', { vm: '', prefix: '', kind: 'hwpt', number: 3, isFd: false }],
    ['cdev1', { vm: '', prefix: '', kind: 'cdev', number: 1, isFd: true }],
    ['veventq0.fd', { vm: '', prefix: '', kind: 'veventq', number: 0, isFd: true }],
    ['vm1.ioas0', { vm: 'vm1.', prefix: 'vm1.', kind: 'ioas', number: 0, isFd: false }],
    ['iommufd1.ioas2', { vm: '', prefix: 'iommufd1.', kind: 'ioas', number: 2, isFd: false }],
    ['vm0.iommufd1.fault0.fd', { vm: 'vm0.', prefix: 'vm0.iommufd1.', kind: 'fault', number: 0, isFd: true }],
  ])('%s tells whose it is', (text, parts) => {
    expect(indexNames({ [text]: 5 }).all).toEqual([{ text, ...parts }]);
  });

  it('of another making are left alone', () => {
    expect(indexNames({ parent: 1, 'the second': 2, v0x: 3 }).all).toEqual([]);
  });

  it('stand for what was bound last where an id or a descriptor was used again', () => {
    const index = indexNames({ ioas0: 1, hwpt0: 2, cdev0: 4, hwpt1: 2, iommufd0: 3, cdev2: 4 });
    expect(index.objects.get('')?.map((name) => name?.text)).toEqual([undefined, 'ioas0', 'hwpt1']);
    expect(
      index.fds
        .get('')
        ?.map((name) => name?.text)
        .slice(3),
    ).toEqual(['iommufd0', 'cdev2']);
  });

  it('are fresh when no other has them, in the steps of their kind', () => {
    expect(freshName({}, '', 'hwpt', 0, 1)).toBe('hwpt0');
    expect(freshName({ hwpt0: 1, hwpt1: 2 }, '', 'hwpt', 0, 1)).toBe('hwpt2');
    expect(freshName({ 'vm1.cdev2': 3 }, 'vm1.', 'cdev', 2, 4)).toBe('vm1.cdev6');
  });
});
