import { bootWorld } from '../../model/boot.ts';
import type { IommuHardware, Its, Platform, VmHardware } from '../../model/platform/platform.ts';
import { contradictionIn } from '../../spec/pasid/hardware.ts';
import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import { devices, smmu } from '../../workload/scopes/hardware.ts';
import type { IommuPart, ItsPart, PlatformChanges, VmPart } from '../../workload/scopes/platform-changes.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { DEFAULT_PROPERTIES, plainIommu } from '../../workload/scopes/vsmmu-hardware.ts';
import { SCALABLE, unit } from '../../workload/scopes/vtd.ts';
import { oneLine } from '../outside/text.ts';
import { unknownText } from '../select/by-name.ts';
import { UsageError } from '../select/usage-error.ts';
import { setVsmmu, targetsOf } from './settings.ts';

/**
 * A scope with another platform: with the parts that the changes give in the place of its own, and settings on top.
 * @throws UsageError in one line: which part or setting, and what was expected.
 */
export function changedScope(base: Scope, changes: PlatformChanges): Scope {
  if (base.changes !== undefined) throw new Error(`the platform of ${base.name} was changed before`);
  let platform = withParts(base.platform, changes);
  for (const setting of changes.set ?? []) platform = withSetting(platform, setting, base.name);
  const fault = faultIn(platform);
  if (fault !== null) throw new UsageError(`${base.name}, changed: ${fault}`);
  return { ...base, platform, changes };
}

/** Whether every setting names something that the scope's platform has. */
export function knowsSettings({ platform }: Scope, settings: readonly string[]): boolean {
  const targets = targetsOf(platform);
  return settings.every((setting) => {
    const { target, field } = partsOf(setting);
    return Object.hasOwn(targets.get(target) ?? {}, field);
  });
}

function partsOf(setting: string): {
  readonly target: string;
  readonly field: string;
  readonly text: string;
} {
  const [, target = '', field = '', text = ''] = /^([^.=]+)\.([^=]+)=(.*)$/.exec(setting) ?? [];
  return { target, field, text };
}

function withSetting(platform: Platform, setting: string, scope: string): Platform {
  const { target: first, field: rest, text } = partsOf(setting);
  if (first === '')
    throw new UsageError(
      `'${oneLine(setting, 80)}': expected a setting such as smmu0.IDR1.SSIDSIZE=0 or vsmmu0.ats=off`,
    );
  const targets = targetsOf(platform);
  const target = targets.get(first);
  if (target === undefined)
    throw new UsageError(unknownText(`part of scope ${scope}`, first, [...targets.keys()]));
  const field = Object.hasOwn(target, rest) ? target[rest] : undefined;
  if (field === undefined)
    throw new UsageError(unknownText(`setting of ${first}`, rest, Object.keys(target)));
  const changed = field.set(platform, text);
  if (changed === null)
    throw new UsageError(
      `${first}.${rest}: expected ${oneLine(field.expected, 160)}, got '${oneLine(text, 40)}'`,
    );
  return changed;
}

function withParts(platform: Platform, { name, set: _, ...parts }: PlatformChanges): Platform {
  // The same platform is asked for its settings once.
  if (name === undefined && Object.values(parts).every((part) => part === undefined)) return platform;
  const given = parts.vms?.filter(({ vsmmus }) => vsmmus !== undefined);
  return {
    ...platform,
    ...(name === undefined ? {} : { name }),
    ...(parts.iommus === undefined ? {} : { iommus: parts.iommus.map(iommuOf) }),
    ...(parts.devices === undefined ? {} : { devices: devices(parts.devices) }),
    ...(parts.its === undefined ? {} : { its: parts.its.map(itsOf) }),
    ...(parts.vms === undefined ? {} : { vms: parts.vms.map((vm) => vm.name) }),
    ...(given === undefined ? {} : vmHardwareOf(platform, given.map(vmOf))),
    ...(parts.userMemory === undefined
      ? {}
      : {
          userMemory: parts.userMemory.map(({ start, last, writable = true }) => ({
            start: BigInt(start),
            last: BigInt(last),
            writable,
          })),
        }),
  };
}

/** Whether machines are modelled at all, the scope decides: what runs are made of depends on it. */
function vmHardwareOf(
  platform: Platform,
  machines: readonly VmHardware[],
): { readonly vmHardware?: readonly VmHardware[] } {
  const isModelled = platform.vmHardware !== undefined;
  if (isModelled === machines.length > 0) return isModelled ? { vmHardware: machines } : {};
  throw new UsageError(
    isModelled
      ? 'vms: expected vsmmus for at least one machine: the VMMs of this scope are modelled'
      : 'vms: expected no vsmmus: the VMMs of this scope do as they please (see one-vsmmu)',
  );
}

function iommuOf({ name, kind = 'smmuv3' }: IommuPart): IommuHardware {
  switch (kind) {
    case 'smmuv3':
      return smmu(name);
    case 'vtd':
      return unit(name, SCALABLE);
    case 'plain':
      return plainIommu(name);
  }
}

function itsOf({ doorbell, ...rest }: ItsPart): Its {
  return { ...rest, doorbell: BigInt(doorbell) };
}

function vmOf({ name, vsmmus = [], ram, vits }: VmPart): VmHardware {
  const pages = ({ start, pages: count }: { readonly start: string; readonly pages: number }) => ({
    start: BigInt(start),
    pages: count,
  });
  return {
    vm: name,
    vsmmus: vsmmus.map((settings, at) =>
      settings.reduce((properties, setting) => withProperty(properties, setting, `${name}.vsmmu${at}`), {
        ...DEFAULT_PROPERTIES,
      }),
    ),
    ...(ram === undefined ? {} : { ram: ram.map(pages) }),
    ...(vits === undefined ? {} : { vits: vits === null ? null : pages(vits) }),
  };
}

function withProperty(properties: VsmmuProperties, setting: string, where: string): VsmmuProperties {
  const at = setting.indexOf('=');
  const changed = setVsmmu(properties, setting.slice(0, Math.max(0, at)), setting.slice(at + 1));
  if (typeof changed === 'string') throw new UsageError(`${where}: ${oneLine(changed, 200)}`);
  return changed;
}

const PAGE_SIZES: readonly bigint[] = [0x1000n, 0x4000n, 0x1_0000n];

/** What does not fit together on a platform; null where all does. */
function faultIn(platform: Platform): string | null {
  const { iommus, devices: all, its, vms, vmHardware = [], userMemory, kernel, pasid, legacy } = platform;
  const { pageSize, maxIovaAlignment } = kernel;
  const names = [...iommus.map(({ name }) => name), ...vms];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `there are two of the name ${twice}`;
  if (!PAGE_SIZES.includes(pageSize)) return 'kernel.pageSize: expected 0x1000, 0x4000 or 0x10000';
  if (maxIovaAlignment < pageSize || !isPowerOfTwo(maxIovaAlignment) || maxIovaAlignment > 1n << 30n)
    return 'kernel.maxIovaAlignment: expected a power of two from the page size to 1 GiB';
  const used = new Map<string, number>();
  for (const { id, iommu: behind, its: to, group, streamIds, host = 0 } of all) {
    if (iommus[behind] === undefined)
      return `${id}.iommu: there is no IOMMU ${behind}; there are ${iommus.length}`;
    if (its[to] === undefined) return `${id}.its: there is no ITS ${to}; there are ${its.length}`;
    if (streamIds.length === 0) return `${id}.streamIds: expected at least one`;
    const other = all.find(
      (each) => each.group === group && (each.iommu !== behind || (each.host ?? 0) !== host),
    );
    if (other !== undefined)
      return `${id}.group: ${other.id} of the same group is in another host or behind another IOMMU`;
    for (const streamId of streamIds) {
      const key = `${behind}:${streamId}`;
      if ((used.get(key) ?? group) !== group)
        return `${id}.streamIds: StreamID 0x${streamId.toString(16)} is that of another group`;
      used.set(key, group);
    }
  }
  for (const { doorbell } of its)
    if (doorbell % 0x1000n !== 0n || doorbell >= 1n << 52n) return 'its: expected doorbells of whole pages';
  for (const { start, last } of userMemory)
    if (start > last || start % pageSize !== 0n || (last + 1n) % pageSize !== 0n || last >= 1n << 63n)
      return 'userMemory: expected whole pages below 1 << 63, last behind start';
  for (const { vm, ram = [], vits } of vmHardware) {
    if (!vms.includes(vm)) return `there is no virtual machine ${vm}`;
    for (const { start, pages } of [...ram, ...(vits === undefined || vits === null ? [] : [vits])])
      if (start % 0x1000n !== 0n || start + BigInt(pages) * 0x1000n > 1n << 48n)
        return `${vm}: expected RAM and ITS of whole pages below 1 << 48`;
  }
  for (const { name, pageSize: size, lastIova } of legacy?.iommus ?? []) {
    if (!PAGE_SIZES.includes(size)) return `${name}.pageSize: expected 0x1000, 0x4000 or 0x10000`;
    if (!isPowerOfTwo(lastIova + 1n) || lastIova < 1n << 20n) return `${name}.lastIova: expected 2^n - 1`;
  }
  const contradiction = pasid === undefined ? null : contradictionIn(pasid.hardware);
  if (contradiction !== null) return contradiction;
  return whyNotBooting(platform);
}

function isPowerOfTwo(value: bigint): boolean {
  return value > 0n && (value & (value - 1n)) === 0n;
}

/** A part may say what no machine starts with. */
function whyNotBooting(platform: Platform): string | null {
  try {
    bootWorld(platform);
    return null;
  } catch (error) {
    return `nothing starts on it: ${oneLine(String(error instanceof Error ? error.message : error), 120)}`;
  }
}
