import { MSI_WINDOW } from '../../model/iommufd/drivers/smmuv3.ts';
import type { LegacyPlatform } from '../../model/platform/legacy.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { featuresOf } from '../../model/platform/smmu-features.ts';
import type { Command } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import type { LineOf } from './lines.ts';

/*
 * Lines of container recordings: calls in words (`containerSetIommu c0 type3`), with groups and containers by number, and the
 * name of the answer.
 */

type LegacyLine = LineOf<'legacy'>;

type Answer = Readonly<Record<string, string | number>>;

/** What the recording says of the answer: its name, and whether an extension is there where it says so. */
export function recordedLegacy({ real, extra }: LegacyLine): Answer {
  const supported = /^supported\[[^\]]*\] real=(\d+)/.exec(extra ?? '');
  return supported === null ? { answer: real } : { answer: real, supported: Number(supported[1]) };
}

/** What the model says of it. */
export function answeredLegacy(result: Result): Answer {
  return {
    answer: result.ok ? 'ok' : result.errno,
    ...(result.out.supported === undefined ? {} : { supported: Number(result.out.supported) }),
  };
}

/** The call that a line has in words; null: none of these. */
export function legacyOf({ what }: LegacyLine, actor: string, memory: bigint): Command | null {
  const [name = '', ...words] = what.split(' ');
  const value = (prefix: string): string =>
    words.find((word) => word.startsWith(prefix))?.slice(prefix.length) ?? '0';
  const number = (prefix: string): number => Number(value(prefix));
  const container = Number(/^c?(\d+)$/.exec(words[0] ?? '')?.[1] ?? 0);
  const group = Number(/^g?(\d+)$/.exec(words[0] ?? '')?.[1] ?? 0);
  const range = { iova: BigInt(value('iova')), length: BigInt(value('len')) };
  const asked = { container, argsz: number('argsz'), flags: number('flags') };
  switch (name) {
    case 'containerOpen':
      return { actor, command: name, args: {} };
    case 'containerClose':
      return { actor, command: name, args: { container } };
    case 'containerCheckExtension':
      return { actor, command: name, args: { container, extension: number('ext') } };
    case 'containerGetInfo':
      return { actor, command: name, args: { container, argsz: number('argsz') } };
    case 'containerSetIommu':
      return { actor, command: name, args: { container, type: number('type') } };
    case 'containerMapDma':
      return {
        actor,
        command: name,
        args: { ...asked, ...range, vaddr: BigInt.asUintN(64, memory + offsetOf(value('va'))) },
      };
    case 'containerUnmapDma':
      return { actor, command: name, args: { ...asked, ...range } };
    case 'groupOpen':
    case 'groupClose':
    case 'groupUnsetContainer':
      return { actor, command: name, args: { group } };
    case 'groupSetContainer':
      return { actor, command: name, args: { group, container: Number(words[1]?.slice(1)) } };
    case 'groupGetDevice':
    case 'groupCloseDevice':
      return { actor, command: name, args: { group, device: words[1] ?? '' } };
    default:
      return null;
  }
}

/** `+0x-1000`, from the start of the process's memory. */
function offsetOf(text: string): bigint {
  const [, sign = '', digits = '0'] = /^\+0x(-?)([0-9a-f]+)$/.exec(text) ?? [];
  return BigInt(`0x${digits}`) * (sign === '-' ? -1n : 1n);
}

/** How many containers a process may have open: more than any recording has. */
const CONTAINERS = 64;

/** `dma_entry_limit` of vfio_iommu_type1 where nobody says otherwise. */
const DMA_ENTRIES = 65535;

/** What containers stand on: the machine's own SMMUs, groups and memory. */
export function containersOf(platform: Platform): LegacyPlatform {
  const groups = [...new Set(platform.devices.map(({ group }) => group))].sort((a, b) => a - b);
  const [{ start, last } = { start: 0n, last: 0n }] = platform.userMemory;
  return {
    iommus: platform.iommus.map((smmu, at) => {
      const { stage1, stage2, stage1Last, stage2Last } = featuresOf(smmu);
      return {
        name: smmu.name,
        stage1,
        stage2,
        nestingAttribute: true,
        pageSize: platform.kernel.pageSize,
        lastIova: stage1 ? stage1Last : stage2Last,
        msiWindow: MSI_WINDOW,
        enforcesCoherency: platform.devices.every(({ iommu: behind, canwbs }) => behind !== at || canwbs),
      };
    }),
    groups: groups.map((group) => {
      const devices = platform.devices.filter((each) => each.group === group);
      const [{ iommu, its, msiVectors } = { iommu: 0, its: 0, msiVectors: 0 }] = devices;
      return { iommu, its, msiVectors, devices: devices.map(({ id }) => id).sort() };
    }),
    containers: CONTAINERS,
    dmaEntries: DMA_ENTRIES,
    memory: { start, last },
  };
}

/** What ends a section: everything that is open is closed. */
export function closingAll({ legacy }: World, actor: string): readonly Command[] {
  if (legacy === null) return [];
  const closes: Command[] = [];
  legacy.groups.forEach(({ devices, opened }, group) => {
    for (const device of devices)
      closes.push({ actor, command: 'groupCloseDevice', args: { group, device } });
    if (opened) closes.push({ actor, command: 'groupClose', args: { group } });
  });
  legacy.containers.forEach((container, index) => {
    if (container?.opened === true)
      closes.push({ actor, command: 'containerClose', args: { container: index } });
  });
  return closes;
}
