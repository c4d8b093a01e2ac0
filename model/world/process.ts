import type { Errno } from '../../spec/errno.ts';
import type { MemoryChange } from './memory/changes.ts';

/** An open file description (struct file): what descriptors and mappings of processes refer to. */
export interface File {
  /**
   * Descriptors, BAR mappings and calls in flight that hold it; 0 while its release is still to come, or while mappings of
   * IOASes are all that hold it (`Area.file`).
   */
  readonly refs: number;
  readonly of: OpenFile;
  /** Whether an IOAS has, or had, a mapping of it; absent: no. */
  readonly mapped?: true;
}

export type OpenFile =
  | { readonly kind: 'iommufd'; readonly ctx: number }
  /** `bound`: the context it was bound to and its DEVICE object there. */
  | { readonly kind: 'cdev'; readonly device: number; readonly bound: Binding | null }
  /** A mediated device's, and the access that it was bound as. */
  | { readonly kind: 'mdev'; readonly mdev: number; readonly bound: Binding | null }
  | { readonly kind: 'dmabuf'; readonly dmabuf: number }
  | { readonly kind: 'veventq'; readonly ctx: number; readonly id: number }
  | { readonly kind: 'fault'; readonly ctx: number; readonly id: number }
  /** An access of the selftests (CREATE_ACCESS). */
  | { readonly kind: 'mockAccess'; readonly ctx: number; readonly id: number }
  /** An eventfd. */
  | { readonly kind: 'other' }
  /** A file whose pages can be pinned (memfd, tmpfs, hugetlbfs): bytes, or null where nobody says. */
  | { readonly kind: 'memory'; readonly size: bigint | null }
  /** /dev/vfio/N: the group's, as VFIO had them before there were device files. */
  | { readonly kind: 'group'; readonly group: number }
  /** Any other file. */
  | { readonly kind: 'plain' }
  /** Standard input, output or error: no file of `World.files`. */
  | { readonly kind: 'standard' };

export interface Binding {
  readonly ctx: number;
  readonly devId: number;
}

/** The context that an open file is of, or that what it is of was bound to; null: of none. */
export function contextBehind(of: OpenFile | undefined): number | null {
  if (of === undefined) return null;
  if ('ctx' in of) return of.ctx;
  return 'bound' in of ? (of.bound?.ctx ?? null) : null;
}

/** A VMM process: its descriptor table and its mappings of device registers. */
export interface Process {
  /** Descriptor to index in `World.files`; null where free. 0, 1 and 2 are taken, and stay so. */
  readonly fds: readonly (number | null)[];
  readonly mappings: readonly BarMapping[];
  /** Calls of its other threads that have begun and not ended, oldest first. */
  readonly calls: readonly CallInFlight[];
  /** Doorbells of ITSes that it has mapped (`its-mmap`). */
  readonly itsMappings: readonly ItsMapping[];
  /** What became of its memory, the latest first; absent: it is as the platform has it. */
  readonly memory?: readonly MemoryChange[];
  /** Whether another process gave it a descriptor; absent: no. */
  readonly given?: true;
}

/** A call that others come between (`in-flight.ts`). */
export interface CallInFlight {
  /** The file that it was made on, which it holds. */
  readonly file: number;
  readonly ctx: number;
  readonly what: /** `holds`: it has taken a reference to what it is about to destroy. */
    | { readonly call: 'destroy'; readonly id: number; readonly holds: boolean }
    | {
        readonly call: 'vdeviceAlloc';
        readonly viommuId: number;
        readonly devId: number;
        readonly virtId: bigint;
      }
    /** A MAP_FILE whose range is taken and has no pages yet (`Area.filling`); `errno`: it was refused before that. */
    | { readonly call: 'mapFile'; readonly ioas: number; readonly iova: bigint; readonly errno: Errno | null }
    /** `made`: the automatic HWPT that it has made, where others find that before it is attached; null: none yet. */
    | { readonly call: 'attach'; readonly pt: number; readonly made: number | null }
    /** `id`: the access that is moved. */
    | { readonly call: 'mdevAttach'; readonly id: number };
}

export interface BarMapping {
  readonly va: bigint;
  readonly file: number;
}

export interface ItsMapping {
  readonly va: bigint;
  readonly its: number;
}

/** The process of an actor; undefined where it has opened nothing. Names that every object inherits are nobody's. */
export function processOf(processes: Readonly<Record<string, Process>>, actor: string): Process | undefined {
  const process = processes[actor];
  // What every object inherits has no descriptors.
  return process?.fds === undefined ? undefined : process;
}

/** The first descriptor that a process gets: standard input, output and error are open. */
export const FIRST_FD = 3;

/** The actor that is a virtual machine's VMM process. */
export function vmmOf(vm: string): string {
  return `vmm:${vm}`;
}

/** A process that has done nothing yet. */
export const NEW_PROCESS: Process = Object.freeze({
  fds: Object.freeze([]),
  mappings: Object.freeze([]),
  calls: Object.freeze([]),
  itsMappings: Object.freeze([]),
});
