import { complaintOf } from '../../model/door.ts';
import { ALL_WRITABLE } from '../../model/world/calls.ts';
import type { Command, CommandOf, Words } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import type { MemoryAccess } from '../../model/world/memory/changes.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { VFIO_IRQ_SET } from '../../spec/vfio/constants.ts';
import { bytesOfHex, wordsOfBytes } from '../hex.ts';
import { LineError } from '../input-error.ts';
import { decodeIoctl, type On } from './ioctl-codec.ts';
import type { Line, LineOf } from './lines.ts';
import { isInMemory } from './memory-files.ts';

/** The bytes that the recorded program offers to read() unless the line's note says otherwise. */
const READ_BYTES = 4096;

/** The status of a process that a signal ended, as shells have it. */
const FIRST_SIGNAL = 128;

/** No queue has as much for a reader. */
const MOST_READ = 1 << 24;

/** What the recording's header says of its devices: the cdev's path to the PCI address. */
export type Cdevs = ReadonlyMap<string, string>;

/**
 * The command that a line records; null for lines that are no call on a modelled file.
 * @throws LineError where an argument is out of the range that its command declares.
 */
export function commandOf(line: Line, actor: string, cdevs: Cdevs, world: World): Command | null {
  const command = recordedBy(line, actor, cdevs, world);
  const complaint = command === null ? null : complaintOf(command);
  if (complaint !== null) throw new LineError(complaint);
  return command;
}

function recordedBy(line: Line, actor: string, cdevs: Cdevs, world: World): Command | null {
  switch (line.ev) {
    case 'open':
      return openOf(line, actor, cdevs);
    case 'close':
      return { actor, command: 'close', args: { fd: line.fd } };
    case 'ioctl':
      return decodeIoctl(line, actor, onWhat(world, actor, line.fd));
    case 'read':
      return {
        actor,
        command: 'read',
        args: { fd: line.fd, count: readCount(line), pos: 0, writable: ALL_WRITABLE, noMemory: false },
      };
    case 'poll':
      return { actor, command: 'poll', args: { fd: line.fd } };
    case 'write':
      return { actor, command: 'write', args: { fd: line.fd, ...writtenBy(line) } };
    case 'mmap':
      return line.fd === undefined
        ? mappedAnew(line, actor, world)
        : { actor, command: 'mmapBar', args: { fd: line.fd, va: BigInt(line.va) } };
    case 'dup':
      return { actor, command: 'dup', args: { fd: line.fd } };
    case 'pass':
      return { actor, command: 'passFd', args: { fd: line.fd, to: line.to } };
    case 'exit':
      return line.pid === undefined
        ? null
        : { actor, command: 'exit', args: { killed: (line.status ?? 0) >= FIRST_SIGNAL } };
    case 'execve':
      return line.pid === undefined ? null : { actor, command: 'exec', args: {} };
    case 'munmap':
      return unmapOf(line, actor, world);
    case 'mprotect':
      return protectOf(line, actor);
    default:
      return null;
  }
}

/** munmap() of registers, or of memory. */
function unmapOf({ va, len }: LineOf<'munmap'>, actor: string, { processes, platform }: World): Command {
  const at = BigInt(va);
  const isBar = processes[actor]?.mappings.some((mapping) => mapping.va === at) === true;
  const last = at + BigInt(len) - 1n;
  const isMemory = platform.userMemory.some((region) => region.start <= last && at <= region.last);
  return isBar || !isMemory
    ? { actor, command: 'munmapBar', args: { va: at } }
    : { actor, command: 'changeMemory', args: { va: at, length: BigInt(len), access: 'none' } };
}

/** What the process maps is there from the start; only over what it has changed is it something new. */
function mappedAnew(line: LineOf<'mmap'>, actor: string, world: World): Command | null {
  const [va, length] = [BigInt(line.va), BigInt(line.len)];
  const last = va + length - 1n;
  const changes = world.processes[actor]?.memory ?? [];
  if (!changes.some((change) => change.start <= last && va <= change.last)) return null;
  return { actor, command: 'changeMemory', args: { va, length, access: accessOf(line.prot ?? 'rw') } };
}

/** Null: in a form that nobody knows. */
function protectOf({ va, len, prot }: LineOf<'mprotect'>, actor: string): Command | null {
  if (va === undefined || len === undefined || prot === undefined) return null;
  return {
    actor,
    command: 'changeMemory',
    args: { va: BigInt(va), length: BigInt(len), access: accessOf(prot) },
  };
}

function accessOf(prot: string): MemoryAccess {
  if (prot.includes('w')) return 'write';
  return prot.includes('r') ? 'read' : 'none';
}

/** On which sort of file an ioctl is made: its number may mean another call on another. */
export function onWhat(world: World, actor: string, fd: number): On {
  const kind = fileOf({ world }, actor, fd)?.of.kind;
  if (kind === 'cdev' || kind === 'mdev') return 'device';
  return kind === 'iommufd' ? 'iommufd' : 'other';
}

function openOf(line: LineOf<'open'>, actor: string, cdevs: Cdevs): Command {
  if (line.path === '/dev/iommu') return { actor, command: 'openIommufd', args: {} };
  const device = cdevs.get(line.path);
  if (device !== undefined) return { actor, command: 'openCdev', args: { device } };
  const group = /^\/dev\/vfio\/(\d{1,9})$/.exec(line.path);
  if (group !== null) return { actor, command: 'openGroup', args: { group: Number(group[1]) } };
  if (line.path.includes('eventfd')) return { actor, command: 'openOther', args: {} };
  const of = isInMemory(line.path) ? 'memory' : 'plain';
  return { actor, command: 'openFile', args: { of, size: 0n } };
}

/** How large the reader's buffer was; only unusual sizes are noted. */
export function readCount(line: LineOf<'read'>): number {
  if (line.count !== undefined) return Math.min(line.count, MOST_READ);
  const noted = /^(\d{1,6})-byte buffer/.exec(line.note ?? '');
  return noted === null ? READ_BYTES : Number(noted[1]);
}

/**
 * What the process may have done before a call without the recording showing it. Where eventfd() is not recorded, its
 * first use in SET_IRQS, or that it is closed, tells that the process has one. The scenarios do not record munmap() of a BAR: a device's
 * object that is gone although only a mapping held its file tells.
 */
export function unrecordedBefore(world: World, command: Command): readonly Command[] {
  const { actor } = command;
  const eventfd: readonly Command[] = [{ actor, command: 'openOther', args: {} }];
  if (command.command === 'vfioSetIrqs') return usesUnseenEventfd(world, command) ? eventfd : [];
  if (command.command === 'close' && command.args.fd === nextFd(world, actor)) return eventfd;
  const process = world.processes[actor];
  return (process?.mappings ?? [])
    .filter((mapping) => !process?.fds.includes(mapping.file))
    .map(({ va }) => ({ actor, command: 'munmapBar', args: { va } }));
}

function usesUnseenEventfd(world: World, { actor, args }: CommandOf<'vfioSetIrqs'>): boolean {
  if ((args.flags & VFIO_IRQ_SET.DATA_EVENTFD) === 0) return false;
  const fd = Number((args.data?.[0] ?? 0n) & 0xffff_ffffn);
  return fd === nextFd(world, actor);
}

/** The descriptor that a process is given next. */
function nextFd(world: World, actor: string): number {
  const process = world.processes[actor];
  const free = process?.fds.indexOf(null) ?? -1;
  return (free < 0 ? (process?.fds.length ?? 0) : free) + FIRST_FD;
}

/** Descriptors of the process that are vEVENTQs. */
export function veventqFds(world: World, actor: string): readonly number[] {
  const fds: number[] = [];
  world.processes[actor]?.fds.forEach((_, at) => {
    const file = fileOf({ world }, actor, at + FIRST_FD);
    if (file?.of.kind === 'veventq') fds.push(at + FIRST_FD);
  });
  return fds;
}

/** What a line says was written; 8 bytes of which nothing is known where it does not. */
function writtenBy({ hex }: LineOf<'write'>): { count: number; data: Words | null } {
  return hex === undefined
    ? { count: 8, data: null }
    : { count: hex.length / 2, data: wordsOfBytes(bytesOfHex(hex)) };
}
