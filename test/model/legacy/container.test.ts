import { describe, expect, it } from 'vitest';
import { VFIO_EXTENSION } from '../../../spec/vfio/container.ts';
import { GROUP, Lab, MEMORY, PAGE } from './lab.ts';

const { TYPE1, SPAPR_TCE, TYPE1V2, DMA_CC, TYPE1_NESTING, UNMAP_ALL } = VFIO_EXTENSION;

describe('SET_CONTAINER and SET_IOMMU', () => {
  it('want a group in the container first, and only once', () => {
    const lab = new Lab();
    expect(lab.do('containerSetIommu', { type: TYPE1 })).toBe('EBADF');
    lab.do('containerOpen');
    expect(lab.do('containerSetIommu', { type: TYPE1 })).toBe('EINVAL');
    expect(lab.do('groupSetContainer', { group: GROUP.smmu })).toBe('EBADF');
    lab.do('groupOpen', { group: GROUP.smmu });
    expect(lab.do('groupOpen', { group: GROUP.smmu })).toBe('EBUSY');
    expect(lab.do('groupSetContainer', { group: GROUP.smmu, container: 1 })).toBe('EBADF');
    expect(lab.do('groupSetContainer', { group: GROUP.smmu })).toEqual({});
    expect(lab.do('groupSetContainer', { group: GROUP.smmu })).toBe('EINVAL');
    expect(lab.do('containerSetIommu', { type: TYPE1 })).toEqual({});
    expect(lab.do('containerSetIommu', { type: TYPE1 })).toBe('EINVAL');
  });

  it.each([
    [SPAPR_TCE, 'ENODEV'],
    [DMA_CC, 'ENODEV'],
    [UNMAP_ALL, 'EINVAL'],
    [0, 'ENODEV'],
  ])('refuse type %i with %s', (type, errno) => {
    const lab = new Lab();
    lab.do('containerOpen');
    lab.do('groupOpen', { group: 0 });
    lab.do('groupSetContainer', { group: 0 });
    expect(lab.do('containerSetIommu', { type })).toBe(errno);
  });

  it('refuse a group of which a driver of the host has a device, and keep such drivers out of one that is in', () => {
    const lab = new Lab();
    lab.do('containerOpen');
    lab.do('groupOpen', { group: GROUP.smmu });
    expect(lab.do('hostDriverBind', { group: GROUP.smmu, device: 'nic1' })).toEqual({});
    expect(lab.do('groupSetContainer', { group: GROUP.smmu })).toBe('EPERM');
    lab.do('hostDriverUnbind', { group: GROUP.smmu, device: 'nic1' });
    expect(lab.do('groupSetContainer', { group: GROUP.smmu })).toEqual({});
    expect(lab.do('hostDriverBind', { group: GROUP.smmu, device: 'nic1' })).toBe('EBUSY');
  });

  it('give a device only once the container has an IOMMU, and keep the group there while it is open', () => {
    const lab = new Lab();
    const nic0 = { group: GROUP.smmu, device: 'nic0' };
    lab.do('containerOpen');
    lab.do('groupOpen', { group: GROUP.smmu });
    expect(lab.do('groupGetDevice', { ...nic0, device: 'disk0' })).toBe('ENODEV');
    expect(lab.do('groupGetDevice', nic0)).toBe('EINVAL');
    lab.do('groupSetContainer', { group: GROUP.smmu });
    expect(lab.do('groupGetDevice', nic0)).toBe('EINVAL');
    lab.do('containerSetIommu', { type: TYPE1V2 });
    expect(lab.do('groupGetDevice', nic0)).toEqual({});
    expect(lab.do('groupUnsetContainer', { group: GROUP.smmu })).toBe('EBUSY');
    lab.do('groupClose', { group: GROUP.smmu });
    lab.do('containerClose');
    expect(lab.do('groupOpen', { group: GROUP.smmu })).toBe('EBUSY');
    lab.map(PAGE, PAGE);
    expect(lab.dma(GROUP.smmu, PAGE)).toBe('EFAULT');
    lab.do('groupCloseDevice', nic0);
    expect(lab.world.legacy).toEqual(new Lab().world.legacy);
  });
});

describe('CHECK_EXTENSION', () => {
  it('says 0 of what is not there, and of coherency before there is a domain', () => {
    const lab = new Lab();
    lab.do('containerOpen');
    const supported = (extension: number) => lab.do('containerCheckExtension', { extension });
    for (const type of [TYPE1, TYPE1V2, TYPE1_NESTING, UNMAP_ALL])
      expect(supported(type)).toEqual({ supported: 1 });
    for (const none of [0, SPAPR_TCE, DMA_CC]) expect(supported(none)).toEqual({ supported: 0 });
    lab.do('groupOpen', { group: GROUP.secondLevel });
    lab.do('groupSetContainer', { group: GROUP.secondLevel });
    lab.do('containerSetIommu', { type: TYPE1V2 });
    expect(supported(DMA_CC)).toEqual({ supported: 1 });
  });
});

describe('MAP_DMA', () => {
  const lab = new Lab();
  lab.start(TYPE1V2, GROUP.smmu, GROUP.secondLevel);
  lab.map(4n * PAGE, PAGE);
  const fine = { flags: 3, vaddr: MEMORY, iova: PAGE, length: PAGE };

  it.each([
    ['a struct too short', { argsz: 31 }, 'EINVAL'],
    ['an unknown flag', { flags: 8 }, 'EINVAL'],
    ['neither read nor write', { flags: 0 }, 'EINVAL'],
    ['no bytes', { length: 0n }, 'EINVAL'],
    ['an IOVA within a page', { iova: 8n }, 'EINVAL'],
    ['an address within a page', { vaddr: MEMORY + 8n }, 'EINVAL'],
    ['a range that wraps', { iova: 2n ** 64n - PAGE, length: 2n * PAGE }, 'EINVAL'],
    [
      'what is mapped, also where the address is bad',
      { iova: 3n * PAGE, length: 2n * PAGE, vaddr: 0n },
      'EEXIST',
    ],
    ['the MSIs of one IOMMU of the two', { iova: 0xfee0_0000n }, 'EINVAL'],
    ['what one of the two cannot reach', { iova: 0x80_0000_0000n }, 'EINVAL'],
    ['memory that the process does not have', { vaddr: 0n }, 'EFAULT'],
    ['the end of the memory', { vaddr: MEMORY + 0xf_0000n, length: 2n * PAGE }, 'EFAULT'],
  ])('refuses %s', (_, wrong, errno) => {
    expect(lab.do('containerMapDma', { ...fine, ...wrong })).toBe(errno);
  });

  it('takes no more mappings than its limit, and looks at that before it looks at the address', () => {
    const few = new Lab();
    few.start(TYPE1V2, GROUP.smmu);
    for (const n of [1n, 2n, 3n]) expect(few.map(n * PAGE, PAGE)).toEqual({});
    expect(few.map(0x800_0000n, PAGE)).toBe('ENOSPC');
    expect(few.map(3n * PAGE, PAGE)).toBe('EEXIST');
  });

  it('has the page size of the IOMMU with the largest smallest page', () => {
    const mixed = new Lab();
    mixed.start(TYPE1V2, GROUP.smmu, GROUP.stage1Only);
    expect(mixed.map(0x1000n, 0x1000n)).toBe('EINVAL');
    expect(mixed.map(PAGE, PAGE)).toEqual({});
  });

  it('is made good for a group that comes later, or that is refused', () => {
    const late = new Lab();
    late.start(TYPE1V2, GROUP.smmu);
    late.map(PAGE, 0x1000n);
    late.do('groupOpen', { group: GROUP.stage1Only });
    expect(late.do('groupSetContainer', { group: GROUP.stage1Only })).toBe('EINVAL');
    late.do('groupOpen', { group: GROUP.secondLevel });
    expect(late.do('groupSetContainer', { group: GROUP.secondLevel })).toEqual({});
    expect(late.dma(GROUP.secondLevel, PAGE)).toEqual({ vaddr: MEMORY, stage: 2 });
  });
});

describe('UNMAP_DMA', () => {
  it.each([
    ['a struct too short', { argsz: 16 }, 'EINVAL'],
    ['an unknown flag', { flags: 8 }, 'EINVAL'],
    ['all of a range', { flags: 2, length: PAGE }, 'EINVAL'],
    ['no bytes', { length: 0n }, 'EINVAL'],
    ['a range that wraps', { iova: 2n ** 64n - PAGE, length: 2n * PAGE }, 'EINVAL'],
  ])('refuses %s', (_, wrong, errno) => {
    const lab = new Lab();
    lab.start(TYPE1, GROUP.smmu);
    expect(lab.do('containerUnmapDma', { iova: PAGE, length: PAGE, ...wrong })).toBe(errno);
  });

  it.each([
    ['the beginning of one', 2n, 1n, { length: 2n * PAGE }, 'EINVAL'],
    ['the end of one', 3n, 1n, { length: 0n }, 'EINVAL'],
    ['one, from before it', 1n, 3n, { length: 2n * PAGE }, { length: 2n * PAGE }],
    ['one and the beginning of the next', 2n, 4n, { length: 4n * PAGE }, 'EINVAL'],
    ['both', 2n, 5n, { length: 4n * PAGE }, { length: 4n * PAGE }],
    ['nothing', 7n, 1n, { length: 0n }, { length: 0n }],
  ])('of %s: TYPE1 and TYPE1v2 differ over what is cut', (_, first, pages, v1, v2) => {
    for (const [type, expected] of [
      [TYPE1, v1],
      [TYPE1V2, v2],
      [TYPE1_NESTING, v2],
    ] as const) {
      const lab = new Lab();
      lab.start(type, GROUP.smmu);
      lab.map(2n * PAGE, 2n * PAGE);
      lab.map(5n * PAGE, 2n * PAGE);
      expect(lab.unmap(first * PAGE, pages * PAGE)).toEqual(expected);
    }
  });

  it('of everything takes everything', () => {
    const lab = new Lab();
    lab.start(TYPE1V2, GROUP.smmu);
    lab.map(PAGE, PAGE);
    lab.map(3n * PAGE, PAGE);
    expect(lab.do('containerUnmapDma', { flags: 2 })).toEqual({ length: 2n * PAGE });
    expect(lab.dma(GROUP.smmu, PAGE)).toBe('EFAULT');
  });
});
