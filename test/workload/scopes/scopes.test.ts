import { describe, expect, it } from 'vitest';
import { featuresOf } from '../../../model/platform/smmu-features.ts';
import { SCOPES, scopeByName } from '../../../workload/scopes/index.ts';

describe('scopes', () => {
  it('have names of their own, in kebab case', () => {
    const names = SCOPES.map(({ name }) => name);
    expect(names).toEqual([
      'one-smmu',
      'two-smmus',
      'grouped',
      'pasids',
      'two-vms',
      'one-vsmmu',
      'mixed-host',
      'guest-dma',
      'page-by-page',
      'mdev',
      'mdev-smmuv3',
      'emulated',
      'emulated-vtd',
      'wide-its',
      'two-its',
      'msi-layouts',
      'vtd',
      'page-requests',
      'container',
      'container-msi',
      'accesses',
      'dirty-log',
      'probing',
      'stalling',
      'guest-words',
      'odd-hosts',
      'selftests-mock',
      'vtd-aliases',
      'notifiers',
      'emulated-vtd-nested',
      'device-files',
    ]);
    expect(SCOPES.map(({ platform }) => platform.name)).toEqual(names);
  });

  it('are found by their names, and nothing is by another', () => {
    for (const scope of SCOPES) expect(scopeByName(scope.name)).toBe(scope);
    expect(scopeByName('three-smmus')).toBeUndefined();
  });

  it.each(SCOPES)('$name: every device points at an SMMU and an ITS that are there', ({ platform }) => {
    expect(platform.devices.filter((d) => platform.iommus[d.iommu] === undefined)).toEqual([]);
    expect(platform.devices.filter((d) => platform.its[d.its] === undefined)).toEqual([]);
  });

  it.each(SCOPES)(
    '$name: devices are dev0, dev1, …, and behind one SMMU no two share a StreamID',
    ({ platform }) => {
      expect(platform.devices.map(({ id }) => id)).toEqual(platform.devices.map((_, index) => `dev${index}`));
      const streams = platform.devices.flatMap(({ iommu, streamIds }) =>
        [...new Set(streamIds)].map((id) => `${iommu}:${id}`),
      );
      expect(new Set(streams).size).toBe(streams.length);
    },
  );

  it.each(SCOPES)('$name: a group lies behind one SMMU', ({ platform }) => {
    const smmus = new Map<number, number>();
    for (const { group, iommu } of platform.devices) smmus.set(group, smmus.get(group) ?? iommu);
    expect(platform.devices.filter(({ group, iommu }) => smmus.get(group) !== iommu)).toEqual([]);
  });

  it.each(SCOPES)('$name: every SMMU can nest', ({ platform }) => {
    for (const smmu of platform.iommus.filter(({ kind }) => kind === 'smmuv3'))
      expect(featuresOf(smmu)).toMatchObject({
        stage1: true,
        stage2: true,
        coherentWalks: true,
        vmidBits: 16,
      });
  });

  it('of processes have between them what single ones lack', () => {
    const has = (holds: (platform: (typeof SCOPES)[number]['platform']) => boolean) =>
      SCOPES.filter(({ adversary, platform }) => adversary === 'vmm' && holds(platform)).map(
        ({ name }) => name,
      );
    expect(has(({ vms }) => vms.length > 1)).toEqual(['two-vms', 'device-files']);
    expect(has(({ iommus }) => iommus.length > 1)).toEqual(['two-smmus']);
    expect(has(({ kernel }) => kernel.capSysResource)).toEqual(['two-smmus', 'grouped', 'selftests-mock']);
    expect(has(({ kernel }) => kernel.maxIovaAlignment > kernel.pageSize)).toEqual(['grouped']);
    expect(has(({ devices }) => devices.some(({ canwbs }) => !canwbs))).toEqual(['two-smmus', 'pasids']);
    expect(has(({ devices }) => devices.some(({ pasidBits = 0 }) => pasidBits > 0))).toEqual(['pasids']);
    expect(has(({ devices }) => devices.some(({ streamIds }) => streamIds.length > 1))).toEqual(['grouped']);
    expect(has(({ devices }) => new Set(devices.map(({ group }) => group)).size < devices.length)).toEqual([
      'grouped',
      'pasids',
      'two-vms',
      'device-files',
    ]);
  });
});
