import { hexOfBytes } from '../conformance/hex.ts';
import type { Line } from '../conformance/linux/lines.ts';
import type { OperationAnswer, Ticks } from '../lab/channel.ts';
import { type Call, NEVER_ID } from '../model/call.ts';
import { COMMANDS } from '../model/commands.ts';
import { ALL_IOCTLS, type AnyIoctlName, isIoctl } from '../model/world/command.ts';
import { ERRNO } from '../spec/errno.ts';
import { type StructTable, writeField } from '../spec/struct.ts';
import { ioctlBytes } from './ioctl-bytes.ts';
import { refersWithinThreads, threadOf } from './race.ts';
import type { LiveSequence, LiveStep } from './step.ts';

/** What a name of the sequence stands for in its agent's run: what an operation returned, or a field of its struct. */
interface Source {
  readonly operation: number;
  readonly field: { readonly offset: number; readonly width: number } | null;
}

/** A sequence as operations of the agent, and how their answers become lines of a recording. */
export interface Plan {
  readonly operations: readonly string[];
  /**
   * The lines that a recording has of it, as far as it was answered; those of a race in the order in which its calls ended, with
   * what says which of them overlapped.
   */
  lines(answers: readonly OperationAnswer[]): readonly Line[];
  /**
   * The line of an operation before it has an answer, given those of the earlier ones: what a target that is made from the
   * model carries out. `out` stands for what will be read. Its errno is EFAULT, by which an array that is too short is not
   * taken for one that a recorder did not show whole.
   */
  draft(operation: number, earlier: readonly OperationAnswer[], out: string): Line | null;
  /** Which step of the sequence the line of an index came from; -1: it is not of the sequence. */
  stepOf(line: number): number;
}

/** Where the device files are. */
export type CdevPaths = ReadonlyMap<string, string>;

const REQUEST_TYPE = ';'.charCodeAt(0) << 8;
const BAR_BYTES = 0x10_0000;
/** MAP_SHARED | MAP_FIXED_NOREPLACE, and MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED (linux/mman.h). */
const SHARED_HERE = 0x10_0001;
const ANONYMOUS_HERE = 0x32;
const READ_WRITE = 3;
const POLLIN = 1;
const SECTION = 'live';

/** What a line is read from. */
type Reader = (answer: OperationAnswer & { kind: 'done' }, resolve: Resolve) => Line | null;

type Resolve = (handle: string | number) => number;

interface Planned {
  readonly operation: string;
  readonly read: Reader;
  readonly binds: readonly { readonly name: string; readonly field: Source['field'] }[];
  /** Absent: no other thread runs meanwhile. */
  readonly thread?: number;
}

/** Whether the agent can be told to do this, and a recording can show it. */
export function canBePlanned(step: LiveStep, cdevs: CdevPaths): boolean {
  if (step.kind === 'call' && hasUnreadableData(step.call)) return false;
  return planStep(step, cdevs, () => '0') !== null;
}

/** What cannot be read is not among the agent's operations where it is no buffer that a struct points at. */
function hasUnreadableData({ command, args }: Call): boolean {
  const missing = (args.data ?? null) === null;
  if (command === 'write') return missing;
  return command === 'vfioSetIrqs' && missing && Number(args.argsz ?? 0) > ALL_IOCTLS.vfioSetIrqs.size;
}

/**
 * Plans a run: the process's memory first, then every step.
 * @throws Error for a step that cannot be planned, or one that refers to what another thread gives: a mistake of whoever made
 * the sequence.
 */
export function planRun(
  steps: LiveSequence,
  memory: { readonly start: bigint; readonly length: number },
  cdevs: CdevPaths,
): Plan {
  if (!refersWithinThreads(steps)) throw new Error('a step refers to what another thread of its race gives');
  const sources = new Map<string, Source>();
  const planned: Planned[] = [memoryStep(memory)];
  const stepOfOperation: number[] = [-1];
  const referTo = (handle: string | number): string => {
    if (typeof handle === 'number') return String(handle);
    const source = sources.get(handle);
    if (source === undefined) return String(NEVER_ID);
    const { operation, field } = source;
    return field === null ? `$${operation}` : `$${operation}+${field.offset}:${field.width}`;
  };
  for (const [index, step] of steps.entries()) {
    const next = planStep(step, cdevs, referTo);
    if (next === null) throw new Error(`a step that no agent can be told: ${step.kind}`);
    for (const { name, field } of next.binds) sources.set(name, { operation: planned.length, field });
    const thread = threadOf(step);
    planned.push(thread === null ? next : { ...next, operation: `&${thread} ${next.operation}`, thread });
    stepOfOperation.push(index);
  }
  let stepOfLine: number[] = [];
  return {
    operations: planned.map(({ operation }) => operation),
    lines(answers) {
      stepOfLine = [];
      const lines: Line[] = [];
      let race: Ended[] = [];
      const take = ({ at, line }: Ended, overlaps: object): void => {
        lines.push({ ...line, ...overlaps, seq: lines.length });
        stepOfLine.push(stepOfOperation[at] ?? -1);
      };
      const end = (): void => {
        const before = lines.length;
        for (const each of race.sort((a, b) => a.ticks.ended - b.ticks.ended))
          take(each, overlapsOf(each, race, before));
        race = [];
      };
      const resolve: Resolve = (handle) =>
        typeof handle === 'number' ? handle : resolved(sources.get(handle), answers);
      for (const [at, answer] of answers.entries()) {
        if (answer.kind !== 'done') continue;
        const line = planned[at]?.read(answer, resolve) ?? null;
        if (planned[at]?.thread === undefined) end();
        if (line === null) continue;
        const { thread } = planned[at] ?? {};
        const { ticks } = answer;
        if (thread === undefined || ticks === undefined) take({ at, line, thread: 0, ticks: NO_TICKS }, {});
        else race.push({ at, line, thread, ticks });
      }
      end();
      return lines;
    },
    draft: (at, earlier, out) =>
      planned[at]?.read({ kind: 'done', ret: 0, errno: ERRNO.EFAULT, out, buffers: [] }, (handle) =>
        typeof handle === 'number' ? handle : resolved(sources.get(handle), earlier),
      ) ?? null,
    stepOf: (line) => stepOfLine[line] ?? -1,
  };
}

/** A call of a race, and when it ended. */
interface Ended {
  readonly at: number;
  readonly line: Line;
  readonly thread: number;
  readonly ticks: Ticks;
}

const NO_TICKS: Ticks = { began: 0, ended: 0 };

/** What a recording says of a call that others overlapped; `before`: the number of its race's first line. */
function overlapsOf(
  { thread, ticks }: Ended,
  race: readonly Ended[],
  before: number,
): Pick<Line, 'tid' | 'begin' | 'flight'> {
  const endedAt = (tick: number) => race.filter((other) => other.ticks.ended < tick).length;
  const inFlight = race.filter(
    (other) => other.ticks.began < ticks.ended && other.ticks.ended > ticks.ended,
  ).length;
  return { tid: thread, begin: before + endedAt(ticks.began), flight: inFlight };
}

/** What a reference stood for: as the agent resolves it. */
function resolved(source: Source | undefined, answers: readonly OperationAnswer[]): number {
  const answer = source === undefined ? undefined : answers[source.operation];
  if (source === undefined || answer?.kind !== 'done' || answer.ret < 0) return NEVER_ID;
  if (source.field === null) return answer.ret;
  const bytes = Buffer.from(answer.out, 'hex');
  const { offset, width } = source.field;
  return offset + width > bytes.length ? NEVER_ID : bytes.readUIntLE(offset, width);
}

function memoryStep({ start, length }: { readonly start: bigint; readonly length: number }): Planned {
  const va = hexAddress(start);
  return {
    operation: `mmap ${start} ${length} ${READ_WRITE} ${ANONYMOUS_HERE} -1 0`,
    read: () => ({ seq: 0, section: '', ev: 'mmap', va, len: `0x${length.toString(16)}` }),
    binds: [],
  };
}

function planStep(
  step: LiveStep,
  cdevs: CdevPaths,
  referTo: (handle: string | number) => string,
): Planned | null {
  const head = { seq: 0, section: SECTION };
  switch (step.kind) {
    case 'call':
      return planCall(step.call, cdevs, referTo);
    case 'store': {
      const { va, hex } = step;
      return {
        operation: `store ${va} ${hex}`,
        read: () => ({ ...head, ev: 'store', va: hexAddress(va), hex }),
        binds: [],
      };
    }
    case 'load': {
      const { va, length } = step;
      return {
        operation: `load ${va} ${length}`,
        read: ({ out }) => ({ ...head, ev: 'load', va: hexAddress(va), hex: out }),
        binds: [],
      };
    }
    case 'transfer': {
      const { device, direction, iova, length } = step;
      return {
        operation: `transfer ${device} ${direction} ${iova} ${length}`,
        read: ({ ret }) =>
          ret < 0
            ? null
            : { ...head, ev: 'transfer', bdf: device, dir: direction, iova: hexAddress(iova), len: length },
        binds: [],
      };
    }
    case 'msi': {
      const { device } = step;
      return {
        operation: `msi ${device}`,
        read: ({ ret }) => (ret < 0 ? null : { ...head, ev: 'msi', bdf: device, fired: ret === 1 }),
        binds: [],
      };
    }
  }
}

function planCall(
  call: Call,
  cdevs: CdevPaths,
  referTo: (handle: string | number) => string,
): Planned | null {
  const { command, args } = call;
  const head = { seq: 0, section: SECTION };
  const fdOf = args.fd ?? 0;
  if (typeof fdOf !== 'string' && typeof fdOf !== 'number') return null;
  // The first three descriptors are the agent's own.
  if (Object.values(args).some((value) => value === undefined)) return null;
  if ('fd' in COMMANDS[command].args && typeof fdOf === 'number' && fdOf >= 0 && fdOf < 3) return null;
  const fd = referTo(fdOf);
  const binds = bindsOf(call);
  if (isIoctl(command)) return planIoctl(command, call, fd, fdOf, binds, referTo);
  switch (command) {
    case 'openIommufd':
      return opening('open /dev/iommu', '/dev/iommu', binds);
    case 'openOther':
      return opening('eventfd', 'eventfd', binds);
    case 'openCdev': {
      const path = cdevs.get(String(args.device));
      return path === undefined ? null : opening(`open ${path}`, path, binds);
    }
    case 'close':
      return {
        operation: `close ${fd}`,
        read: ({ ret, errno }, resolve) => ({
          ...head,
          ev: 'close',
          fd: resolve(fdOf),
          ret: Math.sign(ret),
          errno,
        }),
        binds,
      };
    case 'read': {
      const count = Number(args.count ?? 4096);
      if (
        count > 65536 ||
        Number(args.pos ?? 0) !== 0 ||
        args.noMemory === true ||
        args.writable !== undefined
      )
        return null;
      const note = count === 4096 ? {} : { note: `${count}-byte buffer` };
      return {
        operation: `read ${fd} ${count} -1`,
        read: ({ ret, errno, out }, resolve) => ({
          ...head,
          ...note,
          ev: 'read',
          fd: resolve(fdOf),
          ret,
          errno,
          hex: out,
        }),
        binds,
      };
    }
    case 'write': {
      const count = Number(args.count ?? 8);
      if (count > 4096) return null;
      const bytes = new Uint8Array(count);
      const words = Array.isArray(args.data) ? (args.data as readonly bigint[]) : [];
      for (let at = 0; at < count; at++)
        bytes[at] = Number(((words[at >> 3] ?? 0n) >> BigInt(8 * (at & 7))) & 0xffn);
      const hex = hexOfBytes(bytes);
      return {
        operation: `write ${fd} ${hex === '' ? '-' : hex}`,
        read: ({ ret, errno }, resolve) => ({ ...head, ev: 'write', fd: resolve(fdOf), ret, errno, hex }),
        binds,
      };
    }
    case 'poll':
      return {
        operation: `poll ${fd} ${POLLIN}`,
        read: ({ ret, out }, resolve) => ({
          ...head,
          ev: 'poll',
          fd: resolve(fdOf),
          ret,
          revents: `0x${Buffer.from(out, 'hex').readUInt16LE(0).toString(16)}`,
        }),
        binds,
      };
    case 'mmapBar': {
      const va = BigInt((args.va as bigint | undefined) ?? 0n);
      if (va % 4096n !== 0n || va === 0n) return null;
      return {
        operation: `mmap ${va} ${BAR_BYTES} ${READ_WRITE} ${SHARED_HERE} ${fd} 0`,
        // A recording has only mappings that were made.
        read: ({ ret }, resolve) =>
          ret < 0
            ? null
            : {
                ...head,
                ev: 'mmap',
                va: hexAddress(va),
                len: `0x${BAR_BYTES.toString(16)}`,
                fd: resolve(fdOf),
                bar: 0,
              },
        binds,
      };
    }
    case 'munmapBar': {
      const va = BigInt((args.va as bigint | undefined) ?? 0n);
      if (va % 4096n !== 0n || va === 0n) return null;
      return {
        operation: `munmap ${va} ${BAR_BYTES}`,
        read: ({ ret }) =>
          ret < 0 ? null : { ...head, ev: 'munmap', va: hexAddress(va), len: `0x${BAR_BYTES.toString(16)}` },
        binds,
      };
    }
    default:
      return null;
  }
}

function opening(operation: string, path: string, binds: Planned['binds']): Planned {
  return {
    operation,
    read: ({ ret, errno }) => ({ seq: 0, section: SECTION, ev: 'open', path, ret, errno }),
    binds,
  };
}

function planIoctl(
  name: AnyIoctlName,
  call: Call,
  fd: string,
  fdOf: string | number,
  binds: Planned['binds'],
  referTo: (handle: string | number) => string,
): Planned | null {
  if (call.args.unwritable === true) return null;
  const table: StructTable & { readonly nr: number; readonly name: string } = ALL_IOCTLS[name];
  const { bytes, references, buffers } = ioctlBytes(name, call.args);
  const patches = references.map((each) => ` p ${each.offset} ${each.width} ${referTo(each.name)}`);
  const pointers = buffers.map(
    (each) => ` b ${each.offset} ${each.bytes.length === 0 ? '-' : hexOfBytes(each.bytes)}`,
  );
  const argument = bytes.length === 0 ? '#0' : `${hexOfBytes(bytes)}${pointers.join('')}${patches.join('')}`;
  return {
    operation: `ioctl ${fd} 0x${(REQUEST_TYPE | table.nr).toString(16)} ${argument}`,
    read({ ret, errno, out, buffers: after }, resolve) {
      const before = bytes.slice();
      for (const { offset, width, name: handle } of references)
        writeField(before, { offset, width: width as 1 | 2 | 4 | 8, direction: 'in' }, resolve(handle));
      return {
        seq: 0,
        section: SECTION,
        ev: 'ioctl',
        fd: resolve(fdOf),
        name: table.name,
        nr: `0x${table.nr.toString(16)}`,
        in: hexOfBytes(before),
        out,
        bufs: buffers.map((each, at) => ({
          off: each.offset,
          in: hexOfBytes(each.bytes),
          out: after[at] ?? '',
        })),
        ret: ret < 0 ? -1 : ret,
        errno,
      };
    },
    binds,
  };
}

function bindsOf(call: Call): Planned['binds'] {
  const { command, as } = call;
  if (as === undefined) return [];
  return COMMANDS[command].binds.flatMap(({ suffix, out }): Planned['binds'] => {
    if (!isIoctl(command)) return [{ name: as + suffix, field: null }];
    const layout = (ALL_IOCTLS[command] as StructTable).fields[out];
    return layout === undefined
      ? []
      : [{ name: as + suffix, field: { offset: layout.offset, width: layout.width } }];
  });
}

function hexAddress(address: bigint): string {
  return `0x${address.toString(16)}`;
}
