import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { ERRNO } from '../../spec/errno.ts';
import { ioctlOf } from './ioctl-codec.ts';
import { type Line, UNREPLAYED } from './lines.ts';
import type { System } from './system.ts';

/** What is to be done with a line whose answer is not compared. */
export interface Skip {
  readonly reason: string;
  /** A descriptor that the process has from now on, for a file that is nothing to the model. */
  readonly opens?: number;
}

const WORDS = 'a call in words';
const GROUPS = 'group and container files beside device files';
export const REGISTERS = 'registers and configuration space of devices';
const UNOPENED = 'a descriptor whose opening is not recorded';
const ARGUMENT = 'an argument that is not recorded';
const UNNAMED = 'a device that no "setup" line names';
const OTHER_FILES = 'other files';
const MAPPED_ANEW = 'memory where there had been other memory';
const MAPPED_TWICE = 'a file that is mapped twice';
const MAPPED_FILE = 'memory of other files';
const UNKNOWN_DATA = 'DMA with a file or registers';

/** Lines that tell nothing, and change nothing that later answers depend on. */
const HARMLESS: ReadonlySet<string> = new Set([
  'pread',
  'pwrite',
  'readv',
  'writev',
  'preadv',
  'pwritev',
  'lseek',
  'fstat',
  'sleep',
  'wait',
  'mlock',
  'proc',
]);

const SYSFS_CHANGES = /unbind|bind|remove|rescan|reset|override|new_id|sriov|power|enable|type/;

const CDEVS = '/dev/vfio/devices/';

const GROUP_FILE = /^\/dev\/vfio\/(?:noiommu-)?(vfio|\d+)$/;

const NR = {
  CHECK_EXTENSION: 0x65,
  SET_IOMMU: 0x66,
  GROUP_SET_CONTAINER: 0x68,
  GROUP_GET_DEVICE_FD: 0x6a,
  HOT_RESET_INFO: 0x70,
  HOT_RESET: 0x71,
  IOEVENTFD: 0x74,
  FEATURE: 0x75,
  BIND: 0x76,
  MAP_FILE: 0x8f,
  IOAS_MAP: 0x85,
  MAP_DMA: 0x71,
} as const;

/** Digits of the struct before the user address: IOAS_MAP's `user_va`, VFIO_IOMMU_MAP_DMA's `vaddr`. */
const ADDRESS_AT: Readonly<Record<number, number>> = { [NR.IOAS_MAP]: 32, [NR.MAP_DMA]: 16 };

/** A little-endian word of 64 bits among the digits of a struct. */
function wordAt(digits: string, at: number): bigint {
  const bytes = digits.slice(at, at + 16).match(/../g) ?? [];
  return BigInt(`0x${bytes.toReversed().join('') || '0'}`);
}

const { ENODEV, EINVAL } = ERRNO;

function isBoundIn({ files, platform }: World, group: number): boolean {
  return files.some((file) => {
    const of = file?.of;
    return of?.kind === 'cdev' && of.bound !== null && platform.devices[of.device]?.group === group;
  });
}

function keyOf(actor: string, fd: number): string {
  return `${actor} ${fd}`;
}

/**
 * What of a recording the model cannot follow: each line has its reason, and where later answers of the section depend on it,
 * those are skipped too, so that none is judged by what is not known.
 */
export class Unmodelled {
  private readonly cdevs: ReadonlySet<string>;
  private section: string | null = null;
  /** Why nothing more of this section can be compared; null: it can. */
  private rest: string | null = null;
  private opened = false;
  /** Whether memory lies where there had been other memory. */
  private mapped = false;
  /** Files in memory that the process has mapped, and whether one of them is mapped twice. */
  private readonly viewed = new Set<number>();
  private viewedTwice = false;
  /** Where the process has mapped files of which the model knows nothing. */
  private readonly elsewhere: { readonly start: bigint; readonly last: bigint }[] = [];
  /** Descriptors of group and container files and of devices that these gave. */
  private readonly foreign = new Set<string>();
  private readonly groups = new Set<number>();

  /** `cdevs`: paths of the devices that the recording names. */
  constructor(cdevs: ReadonlySet<string>) {
    this.cdevs = cdevs;
  }

  /** Null: the line is replayed. */
  skip(line: Line, { world, machine }: System, actor: string): Skip | null {
    this.enter(line.section);
    if (line.ev === 'open') this.opened = true;
    // What is in memory is not known from here on, in later sections neither.
    if (machine.isUnknown === true) this.rest ??= `after ${UNKNOWN_DATA}`;
    if (this.rest !== null) return { reason: this.rest };
    const skip = this.decide(line, { world, machine }, actor);
    if (skip?.opens !== undefined) this.foreign.add(keyOf(actor, skip.opens));
    return skip;
  }

  private enter(section: string): void {
    if (section === this.section) return;
    this.section = section;
    this.rest = null;
    this.opened = false;
    this.mapped = false;
    this.viewed.clear();
    this.viewedTwice = false;
    this.elsewhere.length = 0;
    this.foreign.clear();
    this.groups.clear();
  }

  /** This line, and with it the rest of the section. */
  private giveUp(reason: string): Skip {
    this.rest = `after ${reason}`;
    return { reason };
  }

  private decide(line: Line, { world, machine }: System, actor: string): Skip | null {
    switch (line.ev) {
      case 'odd':
        return this.giveUp(WORDS);
      case 'open':
        return this.open(line, world, actor);
      case 'close':
        this.foreign.delete(keyOf(actor, line.fd));
        return null;
      case 'ioctl':
        return this.ioctl(line, world, actor);
      case 'read':
      case 'write':
      case 'poll':
        return this.transfer(line, world, actor);
      case 'mmap':
        return this.mmap(line, world, actor);
      case 'mprotect':
        return this.protect(line);
      case 'store':
      case 'load':
      case 'transfer':
      case 'msi':
        if (line.ev !== 'transfer' && line.ev !== 'msi' && this.isElsewhere(BigInt(line.va)))
          return { reason: MAPPED_FILE };
        if (this.viewedTwice) return this.giveUp(MAPPED_TWICE);
        if (line.ev === 'load' && this.viewed.size > 0 && machine.isFileWritten === true)
          return this.giveUp(UNKNOWN_DATA);
        return this.mapped ? this.giveUp(MAPPED_ANEW) : null;
      case 'sysfs':
        return SYSFS_CHANGES.test(line.path ?? '') ? this.giveUp('sysfs') : { reason: 'sysfs' };
      default:
        // Whose processes are told apart, their ends are known.
        if (line.pid !== undefined && (line.ev === 'exit' || line.ev === 'execve')) return null;
        if (!(UNREPLAYED as readonly string[]).includes(line.ev)) return null;
        return HARMLESS.has(line.ev) ? { reason: this.harmless(line.ev) } : this.giveUp(line.ev);
    }
  }

  /** Pages that are pinned stay those that were there before. */
  private mmap({ fd, va, len }: Extract<Line, { ev: 'mmap' }>, world: World, actor: string): null {
    const [start, last] = [BigInt(va), BigInt(va) + BigInt(len) - 1n];
    const changes = world.processes[actor]?.memory ?? [];
    const file = fd === undefined ? null : fileOf({ world }, actor, fd);
    if (file?.of.kind === 'memory') {
      this.viewedTwice ||= this.viewed.has(file.index);
      this.viewed.add(file.index);
    } else if (fd !== undefined && file?.of.kind !== 'cdev') this.elsewhere.push({ start, last });
    if (
      fd === undefined &&
      changes.some((each) => each.access === 'none' && each.start <= last && start <= each.last)
    )
      this.mapped = true;
    return null;
  }

  private protect({ ret = 0, va, len, prot, ev }: Extract<Line, { ev: 'mprotect' }>): Skip | null {
    if (ret < 0) return { reason: ev };
    return va === undefined || len === undefined || prot === undefined ? this.giveUp(ev) : null;
  }

  private harmless(ev: string): string {
    return ev.startsWith('pread') || ev.startsWith('pwrite') ? REGISTERS : ev;
  }

  private open({ path, ret }: Extract<Line, { ev: 'open' }>, world: World, actor: string): Skip | null {
    const found = GROUP_FILE.exec(path);
    if (found === null) return this.openNoGroup(path, ret);
    const isKnown = world.platform.devices.some(({ group }) => path === `/dev/vfio/${group}`);
    // Where it is open beside a bound device, whose group it is differs from what `setup` says.
    const isElsewhere = isKnown && ret >= 0 && isBoundIn(world, Number(found[1]));
    if (isElsewhere) this.groups.add(Number(found[1]));
    if (!isKnown || isElsewhere) return ret < 0 ? { reason: GROUPS } : { reason: GROUPS, opens: ret };
    // What is asked of it afterwards is of containers.
    if (ret >= 0) this.foreign.add(keyOf(actor, ret));
    return null;
  }

  /** Which other files there are is not known, so that it is no mistake where one cannot be opened. */
  private openNoGroup(path: string, ret: number): Skip | null {
    if (path === '/dev/iommu' || this.cdevs.has(path)) return null;
    if (path.startsWith(CDEVS)) return ret < 0 ? { reason: UNNAMED } : { reason: UNNAMED, opens: ret };
    return ret < 0 ? { reason: OTHER_FILES } : null;
  }

  private ioctl(line: Extract<Line, { ev: 'ioctl' }>, world: World, actor: string): Skip | null {
    const nr = Number(line.nr);
    if (this.foreign.has(keyOf(actor, line.fd))) return this.foreignIoctl(line, nr, world, actor);
    const of = fileOf({ world }, actor, line.fd)?.of;
    if (of === undefined) return this.opened ? null : this.giveUp(UNOPENED);
    // The struct itself could not be read.
    const hasStruct = (ioctlOf(line.nr, of.kind === 'cdev' ? 'device' : 'iommufd')?.size ?? 0) > 0;
    if (hasStruct && line.in === '') return line.ret < 0 ? { reason: ARGUMENT } : this.giveUp(ARGUMENT);
    const needsArgument = nr === NR.CHECK_EXTENSION || nr === NR.SET_IOMMU;
    if (of.kind === 'iommufd' && needsArgument && line.arg === undefined) {
      // What was set cannot be known; that there was nothing to set it of can.
      if (nr === NR.CHECK_EXTENSION || line.errno === ENODEV || line.ret < 0) return { reason: ARGUMENT };
      return this.giveUp(ARGUMENT);
    }
    if (nr === NR.MAP_FILE && line.errno === EINVAL && this.isOfUnknownSize(line, world, actor))
      return { reason: 'a file whose size is not recorded' };
    const address = ADDRESS_AT[nr];
    if (of.kind !== 'cdev' && address !== undefined && this.isElsewhere(wordAt(line.in, address)))
      return this.giveUp(MAPPED_FILE);
    if (of.kind !== 'cdev') return null;
    if (nr === NR.BIND && this.isInGroup(of.device, world))
      return line.ret < 0 ? { reason: GROUPS } : this.giveUp(GROUPS);
    if (of.bound === null) return null;
    if (nr === NR.IOEVENTFD) return { reason: REGISTERS };
    const resets = nr === NR.HOT_RESET && line.ret === 0;
    return resets ? { reason: 'reset of a bus' } : null;
  }

  private isElsewhere(va: bigint): boolean {
    return this.elsewhere.some(({ start, last }) => start <= va && va <= last);
  }

  private isOfUnknownSize(line: Extract<Line, { ev: 'ioctl' }>, world: World, actor: string): boolean {
    const fd = Number.parseInt(line.in.slice(24, 26) || '0', 16);
    const of = fileOf({ world }, actor, fd)?.of;
    return of?.kind === 'memory' && of.size === null && /[1-9a-f]/.test(line.in.slice(48, 64));
  }

  private isInGroup(device: number, { platform }: World): boolean {
    return this.groups.has(platform.devices[device]?.group ?? -1);
  }

  private foreignIoctl(line: Extract<Line, { ev: 'ioctl' }>, nr: number, world: World, actor: string): Skip {
    // A device of nobody's becomes an object of an iommufd.
    if (nr === NR.BIND && line.ret >= 0) return this.giveUp(UNNAMED);
    if (nr === NR.GROUP_GET_DEVICE_FD && line.ret >= 0) {
      const of = fileOf({ world }, actor, line.fd)?.of;
      // It may hold the group's file beyond its closing.
      if (of?.kind === 'group') this.groups.add(of.group);
      return { reason: GROUPS, opens: line.ret };
    }
    if (nr === NR.GROUP_SET_CONTAINER && line.ret === 0) {
      const fd = Number.parseInt(line.in.slice(0, 2) || '0', 16);
      // The group's devices become objects of the iommufd, which has an IOAS for them.
      if (fileOf({ world }, actor, fd)?.of.kind === 'iommufd') return this.giveUp(GROUPS);
    }
    return { reason: GROUPS };
  }

  private transfer(
    line: Extract<Line, { ev: 'read' | 'write' | 'poll' }>,
    world: World,
    actor: string,
  ): Skip | null {
    if (this.foreign.has(keyOf(actor, line.fd))) return { reason: GROUPS };
    const kind = fileOf({ world }, actor, line.fd)?.of.kind;
    if (kind === undefined) return this.opened ? null : this.giveUp(UNOPENED);
    if (line.ev === 'poll') return kind === 'plain' || kind === 'memory' ? { reason: OTHER_FILES } : null;
    if (kind === 'cdev') return { reason: REGISTERS };
    const isOther = kind === 'other' || kind === 'plain' || kind === 'memory' || kind === 'standard';
    return isOther ? { reason: OTHER_FILES } : null;
  }
}
