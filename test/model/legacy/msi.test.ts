import { describe, expect, it } from 'vitest';
import { composeRules, intended, type Rules } from '../../../model/rules.ts';
import type { Out } from '../../../model/world/result.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { VFIO_EXTENSION } from '../../../spec/vfio/container.ts';
import { containerMsi } from '../../../workload/scopes/container-msi.ts';
import { GROUP, Lab, MEMORY, PAGE } from './lab.ts';

const { TYPE1, TYPE1V2, TYPE1_NESTING } = VFIO_EXTENSION;

/** Groups of the scope `container-msi`, by where their MSIs go. */
const MSI_GROUP = { one: 0, many: 1, untranslated: 2, unisolated: 3 } as const;

const WINDOW = 0x800_0000n;
const WINDOW_END = 0x80f_ffffn;
const APERTURE_END = 0xffff_ffff_ffffn;

function under(...names: readonly string[]): Rules {
  const overrides = OVERRIDES.filter(({ name }) => names.includes(name));
  expect(overrides).toHaveLength(names.length);
  return composeRules(overrides);
}

function msiLab(rules: Rules = intended): Lab {
  return new Lab(rules, containerMsi);
}

/** The pages of a container's only domain: doorbell and place in the window. */
function pagesOf({ world }: Lab): unknown {
  const [domain] = world.legacy?.containers[0]?.domains ?? [];
  return domain?.cookie?.pages.map(({ doorbell, pgoff }) => [doorbell, pgoff]) ?? null;
}

describe('the cookie of a container', () => {
  it('gives each doorbell a page of the window when a vector needs it, one after the other, and to all groups the same', () => {
    const lab = msiLab();
    lab.start(TYPE1V2, MSI_GROUP.one, MSI_GROUP.many);
    expect(pagesOf(lab)).toEqual([]);
    lab.vectors(MSI_GROUP.many, 'disk0', 2);
    lab.vectors(MSI_GROUP.one, 'nic0');
    lab.vectors(MSI_GROUP.one, 'nic1');
    expect(pagesOf(lab)).toEqual([
      [0x900_0000n, 0],
      [0x901_0000n, 1],
      [0x808_0000n, 2],
    ]);
    expect(lab.fire('disk0', 1)).toEqual([0x901_0040n, 80 + 2 * 32 + 1]);
    expect(lab.fire('nic0')).toEqual([0x808_0040n, 80]);
    expect(lab.fire('nic1')).toEqual([0x808_0040n, 80 + 32]);
  });

  it.each([
    [TYPE1, 1],
    [TYPE1V2, 1],
    [TYPE1_NESTING, 2],
  ])('of type %i has the pages in the stage that MAP_DMA fills: %i', (type, stage) => {
    const lab = msiLab();
    lab.start(type, MSI_GROUP.one);
    lab.vectors(MSI_GROUP.one, 'nic0');
    expect(lab.do('legacyDma', { group: 0, iova: WINDOW + 0x40n, write: true })).toEqual({
      doorbell: 0x808_0040n,
      stage,
    });
    expect(lab.dma(0, WINDOW)).toBe('EFAULT');
  });

  it('keeps pages while the domain lives, and goes with it', () => {
    const lab = msiLab();
    lab.start(TYPE1V2, MSI_GROUP.one, MSI_GROUP.many);
    lab.vectors(MSI_GROUP.one, 'nic0');
    expect(lab.do('groupSetIrqs', { group: 0, device: 'nic0', count: 0 })).toEqual({});
    lab.do('groupCloseDevice', { group: 0, device: 'nic0' });
    lab.do('groupUnsetContainer', { group: 0 });
    expect(pagesOf(lab)).toEqual([[0x808_0000n, 0]]);
    lab.do('groupUnsetContainer', { group: 1 });
    expect(lab.world.legacy?.containers[0]?.domains).toEqual([]);
  });

  it('has no room behind the window, where Linux goes on', () => {
    for (const [rules, answer] of [
      [intended, 'ENOMEM'],
      [under('msi-window-unenforced'), {}],
    ] as const) {
      const lab = msiLab(rules);
      lab.start(TYPE1V2, MSI_GROUP.many);
      expect(lab.vectors(MSI_GROUP.many, 'disk0', 17)).toEqual(answer);
      expect(lab.do('groupSetIrqs', { group: 1, device: 'disk0', count: 16 })).toEqual({});
    }
  });

  it('and mappings behind the window keep out of each other: EEXIST for the mapping, ENOMEM for the doorbell', () => {
    const lab = msiLab(under('msi-window-unenforced'));
    lab.start(TYPE1V2, MSI_GROUP.many);
    lab.vectors(MSI_GROUP.many, 'disk0', 17);
    expect(lab.map(WINDOW_END + 1n, PAGE)).toBe('EEXIST');
    expect(lab.map(WINDOW_END + 1n + PAGE, PAGE)).toEqual({});
    lab.do('groupSetIrqs', { group: 1, device: 'disk0', count: 0 });
    expect(lab.do('groupSetIrqs', { group: 1, device: 'disk0', count: 18 })).toBe('ENOMEM');
  });

  it('is not needed by devices whose doorbells are before the IOMMU', () => {
    const lab = msiLab();
    lab.start(TYPE1V2, MSI_GROUP.untranslated);
    lab.vectors(MSI_GROUP.untranslated, 'gpu0');
    expect(pagesOf(lab)).toBeNull();
    expect(lab.fire('gpu0')[0]).toBe(0xa00_0040n);
  });

  it('comes with whichever group needs it, and in Linux with the first of a domain or never', () => {
    for (const [rules, reached] of [
      [intended, 0x808_0040n],
      [under('container-cookie-of-first-group'), null],
    ] as const) {
      const lab = msiLab(rules);
      lab.start(TYPE1V2, MSI_GROUP.untranslated);
      lab.do('groupOpen', { group: MSI_GROUP.one });
      lab.do('groupSetContainer', { group: MSI_GROUP.one });
      lab.vectors(MSI_GROUP.one, 'nic0');
      expect(lab.fire('nic0')[0]).toBe(reached);
    }
  });

  it('cannot map a page of the kernel that is smaller than any of the IOMMU', () => {
    const lab = new Lab();
    lab.start(TYPE1V2, GROUP.stage1Only);
    expect(lab.vectors(GROUP.stage1Only, 'gpu0')).toBe('ENOMEM');
  });
});

describe("the kernel's own domain", () => {
  it('has doorbells where its allocator puts them, from below 4 GiB downwards', () => {
    const lab = msiLab();
    lab.do('hostDriverBind', { group: 1, device: 'disk0' }, 'host');
    expect(lab.do('hostDriverSetIrqs', { group: 1, device: 'disk0', count: 25 }, 'host')).toBe('ENOSPC');
    lab.do('hostDriverSetIrqs', { group: 1, device: 'disk0', count: 2 }, 'host');
    expect(lab.do('hostDriverSetIrqs', { group: 1, device: 'disk0', count: 2 }, 'host')).toBe('EINVAL');
    const [vectors] = lab.world.legacy?.groups[1]?.vectors ?? [];
    expect(vectors?.messages.map(({ address }) => address)).toEqual([0xffff_f040n, 0xffff_e040n]);
    expect(lab.fire('disk0', 1)[0]).toBe(0x901_0040n);
    lab.do('hostDriverUnbind', { group: 1, device: 'disk0' }, 'host');
    expect(lab.do('fireMsi', {}, 'device:disk0')).toBe('EINVAL');
  });

  it('is where MSIs of a user went before 8af23fad6261, and then into whatever the user has there', () => {
    const lab = msiLab(under('msi-page-in-default-domain'));
    lab.start(TYPE1V2, MSI_GROUP.one);
    lab.vectors(MSI_GROUP.one, 'nic0');
    expect(lab.fire('nic0')[0]).toBeNull();
    lab.map(0xffff_0000n, PAGE);
    expect(lab.fire('nic0')[0]).toBe(MEMORY + 0xf040n);
  });
});

describe('two threads that set up vectors', () => {
  const threads = (rules: Rules): Lab => {
    const lab = msiLab(rules);
    lab.start(TYPE1V2, MSI_GROUP.one, MSI_GROUP.many);
    for (const device of ['nic0', 'nic1']) lab.do('groupGetDevice', { group: 0, device });
    for (const command of ['groupBeginSetIrqs', 'groupEndSetIrqs'] as const)
      for (const device of ['nic0', 'nic1']) lab.do(command, { group: 0, device });
    return lab;
  };

  it('wait for each other, so that a doorbell has one page; without the lock it has two', () => {
    expect(pagesOf(threads(intended))).toEqual([[0x808_0000n, 0]]);
    expect(pagesOf(threads(under('doorbell-list-unlocked')))).toEqual([
      [0x808_0000n, 0],
      [0x808_0000n, 1],
    ]);
  });

  it('of one device wait in any case', () => {
    const lab = msiLab(under('doorbell-list-unlocked'));
    lab.start(TYPE1V2, MSI_GROUP.one);
    const nic0 = { group: 0, device: 'nic0' };
    lab.do('groupGetDevice', nic0);
    lab.do('groupBeginSetIrqs', nic0);
    expect(lab.do('groupSetIrqs', nic0)).toEqual({});
    expect(lab.do('groupEndSetIrqs', nic0)).toBe('EINVAL');
    expect(pagesOf(lab)).toEqual([[0x808_0000n, 0]]);
  });
});

describe('interrupts that are not isolated', () => {
  it('keep a group out of containers with EPERM, unless the administrator allows it', () => {
    const lab = msiLab();
    lab.do('containerOpen');
    lab.do('groupOpen', { group: MSI_GROUP.unisolated });
    lab.do('groupSetContainer', { group: MSI_GROUP.unisolated });
    expect(lab.do('containerSetIommu', { type: TYPE1V2 })).toBe('EPERM');
    const { platform } = containerMsi;
    const kernel = { ...platform.kernel, allowUnsafeInterrupts: true };
    const allowed = new Lab(intended, { ...containerMsi, platform: { ...platform, kernel } });
    allowed.start(TYPE1V2, MSI_GROUP.unisolated);
    expect(allowed.vectors(MSI_GROUP.unisolated, 'old0')).toEqual({});
    expect(allowed.fire('old0')[0]).toBe(0xb00_0040n);
  });

  it('are looked at after what is mapped, and before whether it can be mapped', () => {
    const lab = msiLab();
    lab.start(TYPE1V2, MSI_GROUP.one);
    lab.do('groupOpen', { group: MSI_GROUP.unisolated });
    expect(lab.do('groupSetContainer', { group: MSI_GROUP.unisolated })).toBe('EPERM');
  });
});

describe('GET_INFO', () => {
  const shown = (lab: Lab, argsz = 256) => lab.do('containerGetInfo', { argsz }) as Out;

  it('wants an IOMMU and a struct that is long enough', () => {
    const lab = msiLab();
    expect(shown(lab)).toBe('EBADF');
    lab.do('containerOpen');
    expect(shown(lab)).toBe('EINVAL');
    lab.do('groupOpen', { group: 0 });
    lab.do('groupSetContainer', { group: 0 });
    lab.do('containerSetIommu', { type: TYPE1V2 });
    expect(shown(lab, 15)).toBe('EINVAL');
    expect(shown(lab, 24)).toEqual({ argsz: 120, flags: 3, iovaPgsizes: PAGE });
    expect(shown(lab, 120).data).toBeDefined();
  });

  it('leaves the window out, doorbells before the IOMMU too, and a group that leaves takes its own with it', () => {
    const lab = msiLab();
    lab.start(TYPE1V2, MSI_GROUP.one, MSI_GROUP.untranslated);
    lab.map(PAGE, PAGE);
    expect(shown(lab)).toMatchObject({
      dmaAvail: 2,
      data: [0n, WINDOW - 1n, WINDOW_END + 1n, 0x9ff_ffffn, 0xa01_0000n, APERTURE_END],
    });
    lab.do('groupUnsetContainer', { group: MSI_GROUP.one });
    expect(shown(lab).data).toEqual([0n, 0x9ff_ffffn, 0xa01_0000n, APERTURE_END]);
    expect(lab.map(WINDOW, PAGE)).toEqual({});
    expect(lab.do('groupSetContainer', { group: MSI_GROUP.one })).toBe('EINVAL');
  });

  it('and sysfs show the same regions', () => {
    const lab = msiLab();
    expect(lab.do('readReserved', { device: 'nic1' })).toEqual({ data: [WINDOW, WINDOW_END, 1n] });
    expect(lab.do('readReserved', { device: 'gpu0' })).toEqual({ data: [0xa00_0000n, 0xa00_ffffn, 0n] });
    expect(lab.do('readReserved', { device: 'none' })).toBe('ENOENT');
  });
});
