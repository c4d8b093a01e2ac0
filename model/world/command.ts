import {
  COMPAT_CALLS,
  COMPAT_IOCTLS,
  type CompatCallName,
  type CompatName,
} from '../../spec/iommufd/compat.ts';
import { IOCTLS, type IoctlName } from '../../spec/iommufd/ioctls.ts';
import type { InFields } from '../../spec/struct.ts';
import { DEVICE_CALLS, type DeviceCallName } from '../../spec/vfio/device-calls.ts';
import { VFIO_IOCTLS, type VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import type { AccessArgs } from '../accesses/command.ts';
import type { LegacyArgs } from '../legacy/command.ts';
import type { MsiArgs } from '../msi/command.ts';
import type { PageRequestArgs } from '../page-requests/command.ts';
import type { PasidArgs } from '../pasid/command.ts';
import type { EmulatedArgs } from '../smmu/emulated/command.ts';
import type { MachineArgs } from '../smmu/machine/command.ts';
import type { BackdoorArgs, VmmArgs } from '../vmm/command.ts';

/** Who acts: `operator`, `host`, `vmm:<vm>`, `guest:<vm>` or `device:<id>`. */
export type Actor = string;

/** 64-bit little-endian words of user memory: what a pointer argument points at. */
export type Words = readonly bigint[];

/** Every ioctl is made on a file descriptor of the calling process, with a struct of some size. */
interface OnFd {
  readonly fd: number;
}

interface IoctlExtras extends OnFd {
  /** Whether any byte past the kernel's struct is non-zero. */
  readonly trailing: boolean;
  /** What the struct's pointer points at; null where it points at nothing readable. */
  readonly data: Words | null;
}

/** Calls that have to take back what they made where the caller's struct cannot be written to. */
export const TAKING_BACK = ['veventqAlloc', 'faultQueueAlloc', 'vfioAttach'] as const;

type Unwritable<K> = K extends (typeof TAKING_BACK)[number] ? { readonly unwritable: boolean } : unknown;

type IoctlArgs = {
  readonly [K in IoctlName]: InFields<(typeof IOCTLS)[K]> & IoctlExtras & Unwritable<K>;
} & {
  readonly [K in CompatName]: InFields<(typeof COMPAT_IOCTLS)[K]> & IoctlExtras;
} & {
  readonly [K in VfioIoctlName]: InFields<(typeof VFIO_IOCTLS)[K]> & IoctlExtras & Unwritable<K>;
};

/** The buffer of a read(), and what goes wrong in the middle of it. */
export interface Reader {
  /** Bytes that the caller asks for. */
  readonly count: number;
  readonly pos: number;
  /** Bytes of the buffer that can be written; behind them lies nothing. */
  readonly writable: number;
  /** Whether the kernel has no memory to spare just now. */
  readonly noMemory: boolean;
}

/** Calls that recordings have and that no scope makes: those of container programs, of devices, and on files of any kind. */
export type FileCallArgs = {
  readonly [K in Exclude<CompatCallName, 'compatCheckExtension' | 'compatSetIommu'>]: InFields<
    (typeof COMPAT_CALLS)[K]
  > &
    OnFd;
} & {
  readonly [K in DeviceCallName]: InFields<(typeof DEVICE_CALLS)[K]> & OnFd;
} & {
  readonly compatCheckExtension: OnFd & { readonly extension: number };
  readonly compatSetIommu: OnFd & { readonly type: number };
  /** An ioctl whose number means nothing to any of these files. */
  readonly unknownIoctl: OnFd;
  readonly dup: OnFd;
  /** A file of `memory` (memfd) of so many bytes, 0 where that is not known, or any other (`plain`). */
  readonly openFile: { readonly of: string; readonly size: bigint };
};

export type FileCallName = keyof FileCallArgs;

/** Calls that are no ioctls, and what devices do. */
interface OtherArgs {
  /** open("/dev/iommu") */
  readonly openIommufd: Record<never, never>;
  /** open("/dev/vfio/devices/…") of a platform device, by its id. */
  readonly openCdev: { readonly device: string };
  /** A descriptor that these machines know nothing of (an eventfd). */
  readonly openOther: Record<never, never>;
  readonly close: OnFd;
  /** read() of an event queue into a buffer of `count` bytes at file position `pos`. */
  readonly read: OnFd & Reader;
  /** DESTROY and VDEVICE_ALLOC made by another thread of the process: begun, and ended by `callEnds`. */
  readonly destroyBegins: OnFd & { readonly id: number };
  readonly vdeviceAllocBegins: OnFd & {
    readonly viommuId: number;
    readonly devId: number;
    readonly virtId: bigint;
  };
  /** The oldest of these returns. */
  readonly callEnds: Record<never, never>;
  readonly poll: OnFd;
  /** write() of answers to page requests: `count` bytes from `data`, zeros where it is shorter. */
  readonly write: OnFd & { readonly count: number; readonly data: Words | null };
  /** mmap() of a device's BAR: keeps the file open until munmap. */
  readonly mmapBar: OnFd & { readonly va: bigint };
  readonly munmapBar: { readonly va: bigint };
  /** The pSMMU records an event for a stream of the acting device (four event record words). */
  readonly smmuEvent: { readonly words: Words | null };
  /** The host takes the acting device away and finds it again: its driver's tables for it are torn down and made anew. */
  readonly rescan: Record<never, never>;
  /** The host resets the acting device: until it ends, requests are blocked and nothing is attached. */
  readonly resetBegins: Record<never, never>;
  readonly resetEnds: Record<never, never>;
}

/** The arguments of every command, by its name. */
export type CommandArgs = IoctlArgs &
  FileCallArgs &
  OtherArgs &
  BackdoorArgs &
  VmmArgs &
  MachineArgs &
  PageRequestArgs &
  PasidArgs &
  EmulatedArgs &
  LegacyArgs &
  AccessArgs &
  MsiArgs;

/** The name of a command. */
export type CommandName = keyof CommandArgs;

/** One command, complete: every argument has a value, and names objects by number. */
export type CommandOf<N extends CommandName> = {
  readonly actor: Actor;
  readonly command: N;
  readonly args: CommandArgs[N];
};

/** A command of any name: who gives it, and its arguments. */
export type Command = { [N in CommandName]: CommandOf<N> }[CommandName];

/** Every ioctl of either kind, by command name. */
export const ALL_IOCTLS = { ...IOCTLS, ...COMPAT_IOCTLS, ...VFIO_IOCTLS } as const;

/** Ioctls that no scope makes, by command name. */
export const RARE_IOCTLS = { ...COMPAT_CALLS, ...DEVICE_CALLS } as const;

export type AnyIoctlName = IoctlName | CompatName | VfioIoctlName;

/** Whether a command name is an ioctl's. */
export function isIoctl(name: string): name is AnyIoctlName {
  return Object.hasOwn(ALL_IOCTLS, name);
}
