import { complaintOf } from '../../model/door.ts';
import { ALL_WRITABLE } from '../../model/world/calls.ts';
import type { Command } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { PAGE_RESPONSE } from '../../spec/iommufd/page-faults.ts';
import { VFIO_EXTENSION } from '../../spec/vfio/container.ts';
import { LineError } from '../input-error.ts';
import { decodeIoctl } from '../linux/ioctl-codec.ts';
import type { LineOf as KernelLineOf } from '../linux/lines.ts';
import type { Line, LineOf } from './lines.ts';
import { decodeTest, isTest } from './test-codec.ts';

/** Why a line has no answer to compare. */
export interface Skip {
  readonly skip: string;
}

const MAPPING: Skip = { skip: 'mapping of the process' };
const ARGUMENT: Skip = { skip: 'an argument that is not recorded' };

/** Bytes that are offered to read(): enough for any number of events or groups of requests that a test leaves unread. */
const READ_BYTES = 4000;

/** The end of what a process can have mapped. */
const LAST_ADDRESS = 1n << 47n;

const NR = { CHECK_EXTENSION: 0x65, SET_IOMMU: 0x66 } as const;

/** The numbers that a call may have been made with which takes one in place of a struct. */
const ARGUMENTS: ReadonlyMap<number, readonly number[]> = new Map([
  [NR.CHECK_EXTENSION, [VFIO_EXTENSION.TYPE1, VFIO_EXTENSION.TYPE1V2, VFIO_EXTENSION.UNMAP_ALL, 0]],
  [NR.SET_IOMMU, [VFIO_EXTENSION.TYPE1, VFIO_EXTENSION.TYPE1V2]],
]);

/**
 * The commands that a line may record: several where an argument is not recorded and more than one would do.
 * @throws LineError where an argument is out of the range that its command declares.
 */
export function commandsOf(
  line: Line,
  actor: string,
  world: World,
  mapped: readonly bigint[],
): readonly Command[] | Skip {
  const commands = recordedBy(line, actor, world, mapped);
  if ('skip' in commands) return commands;
  for (const command of commands) {
    const complaint = complaintOf(command);
    if (complaint !== null) throw new LineError(complaint);
  }
  return commands;
}

function recordedBy(
  line: Line,
  actor: string,
  world: World,
  mapped: readonly bigint[],
): readonly Command[] | Skip {
  switch (line.e) {
    case 'open':
      return line.v < 0 ? ARGUMENT : [{ actor, command: 'openIommufd', args: {} }];
    case 'close':
      return [{ actor, command: 'close', args: { fd: line.f } }];
    case 'ioctl':
      return ioctlsOf(line, actor);
    case 'read':
      if (line.v < 0) return { skip: 'a read that failed, whose buffer is not recorded' };
      return [
        {
          actor,
          command: 'read',
          args: { fd: line.f, count: READ_BYTES, pos: 0, writable: ALL_WRITABLE, noMemory: false },
        },
      ];
    case 'write':
      return answerOf(line, actor, world);
    case 'mmap':
      return mmapOf(line, actor, world, mapped);
    case 'munmap': {
      // Addresses are not recorded. Whoever has mapped a page of a vIOMMU lets that go before its own memory.
      const page = world.mock?.pages[0];
      return page === undefined ? MAPPING : [{ actor, command: 'mockMunmap', args: { va: page.va } }];
    }
  }
}

function ioctlsOf(line: LineOf<'ioctl'>, actor: string): readonly Command[] | Skip {
  if (isTest(line)) {
    const command = decodeTest(line, actor);
    return command === null ? { skip: 'an unknown operation of IOMMU_TEST_CMD' } : [command];
  }
  const possible = ARGUMENTS.get(Number(line.r) & 0xff) ?? [0];
  return possible.map((arg) => decodeIoctl({ ...kernelLineOf(line), arg }, actor, 'iommufd'));
}

/** The same line as recordings of the kernel with other drivers have it. */
export function kernelLineOf(line: LineOf<'ioctl'>): KernelLineOf<'ioctl'> {
  const { i = '', o = i, b = [] } = line;
  return {
    seq: 0,
    section: line.t,
    ev: 'ioctl',
    fd: line.f,
    name: '',
    nr: `0x${(Number(line.r) & 0xff).toString(16).padStart(2, '0')}`,
    in: i,
    out: o,
    // A pointer to nothing has no buffer.
    bufs: b
      .filter(({ ptr }) => BigInt(ptr) !== 0n)
      .map(({ off, in: content, out }) => ({ off, in: content, ...(out === undefined ? {} : { out }) })),
    ret: line.v,
    errno: line.x ?? 0,
  };
}

/** What was written is not recorded: it was the answer to the one group of page requests that had been read. */
function answerOf({ f, v }: LineOf<'write'>, actor: string, world: World): readonly Command[] | Skip {
  const of = fileOf({ world }, actor, f)?.of;
  const queue = of?.kind === 'fault' ? world.contexts[of.ctx]?.objects[of.id] : undefined;
  const cookie = queue?.type === 'fault' ? queue.groups.find((group) => group.cookie !== null)?.cookie : null;
  if (v !== 8 || cookie === undefined || cookie === null)
    return { skip: 'a write whose content is not recorded' };
  const data = [BigInt(cookie) | (BigInt(PAGE_RESPONSE.SUCCESS) << 32n)];
  return [{ actor, command: 'write', args: { fd: f, count: 8, data } }];
}

/** A mapping's length and offset are not recorded: a file's reaches up to what is mapped above, a vIOMMU's page is all there is. */
function mmapOf(
  { f, v, x = 0 }: LineOf<'mmap'>,
  actor: string,
  world: World,
  mapped: readonly bigint[],
): readonly Command[] | Skip {
  if (f < 0) return MAPPING;
  if (x !== 0) return ARGUMENT;
  const va = BigInt(v);
  const of = fileOf({ world }, actor, f)?.of;
  if (of?.kind !== 'iommufd') {
    const above = mapped.filter((each) => each > va).reduce((a, b) => (a < b ? a : b), LAST_ADDRESS);
    return [{ actor, command: 'mockMmap', args: { fd: f, va, length: above - va, offset: 0n } }];
  }
  const page = world.contexts[of.ctx]?.objects.find(
    (slot) => slot?.type === 'viommu' && slot.page !== undefined,
  );
  if (page?.type !== 'viommu' || page.page === undefined) return ARGUMENT;
  const length = 2n * world.platform.kernel.pageSize;
  return [{ actor, command: 'mockMmap', args: { fd: f, va, length, offset: page.page } }];
}

/** Descriptors that the process has, and whose opening no line tells of: files in memory where something was mapped of them. */
export function unrecordedFiles(
  line: Line,
  actor: string,
  world: World,
  inMemory: ReadonlySet<number>,
): readonly Command[] {
  const wanted = line.e === 'open' ? line.v - 1 : line.e === 'mmap' ? line.f : -1;
  const fds = world.processes[actor]?.fds ?? [];
  const commands: Command[] = [];
  for (let fd = FIRST_FD; fd <= wanted; fd++) {
    if ((fds[fd - FIRST_FD] ?? null) !== null) continue;
    const of = inMemory.has(fd) ? 'memory' : 'plain';
    commands.push({ actor, command: 'openFile', args: { of, size: 0n } });
  }
  return commands;
}
