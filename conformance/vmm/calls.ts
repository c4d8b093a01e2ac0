import { ALL_IOCTLS, type AnyIoctlName, type Command } from '../../model/world/command.ts';
import { sameState } from '../../model/world/equal.ts';
import type { Effect, Result } from '../../model/world/result.ts';
import { agree, answered, recorded } from '../linux/answer.ts';
import { decodeIoctl } from '../linux/ioctl-codec.ts';
import type { Line as KernelLine } from '../linux/lines.ts';
import type { Observed } from '../linux/observed.ts';
import type { LineOf } from './lines.ts';

/** IOMMU_DESTROY; the numbers below it are VFIO's (linux/iommufd.h, linux/vfio.h). A VMM makes no container calls. */
const FIRST_IOMMUFD_NR = 0x80;

/** A call that a VMM makes, and what it got. */
export interface Call {
  readonly command: Command;
  readonly result: Result;
}

/** The calls among what a step did. */
export function callsOf(effects: readonly Effect[]): readonly Call[] {
  return effects.flatMap((effect) =>
    effect.kind === 'vmmCall' ? [{ command: effect.command, result: effect.result }] : [],
  );
}

export type CallLine = LineOf<'ioctl' | 'open' | 'close' | 'read'>;

/** Names of descriptors: the model's by the recorded ones. */
export type Descriptors = ReadonlyMap<number, number>;

/** What of a call can be compared, in words: its arguments and its answer. */
export interface Compared {
  readonly agrees: boolean;
  readonly truth: Observed;
  readonly model: Observed;
}

/** Buffers that go into the kernel; what a buffer for an answer held before is of no consequence. */
const GIVEN: ReadonlySet<string> = new Set(['hwptAlloc', 'hwptInvalidate']);

/** Compares a recorded call with the one that the model makes. */
export function compareCall(
  line: CallLine,
  call: Call | undefined,
  fds: Descriptors,
  cdevs: ReadonlyMap<string, string>,
): Compared {
  const truthCall = recordedCall(line, fds, cdevs);
  if (call === undefined) return { agrees: false, truth: truthCall.text, model: { call: 'none' } };
  const { command, result } = call;
  const own = textOf(command);
  if (!sameState(own, truthCall.text)) return { agrees: false, truth: truthCall.text, model: own };
  const kernelLine = line as KernelLine;
  const truth = withoutFd(line, recorded(kernelLine));
  const model = withoutFd(line, answered(kernelLine, truthCall.command, withRecordedFd(line, result)));
  return { agrees: agree(truth, model), truth, model };
}

/** The number of a new descriptor is the process's own business. */
function withoutFd({ ev }: CallLine, observed: Observed): Observed {
  if (ev !== 'open') return observed;
  return { errno: observed.errno ?? 0 };
}

const VEVENTQ_FD_OFFSET = 24;

function withRecordedFd(line: CallLine, result: Result): Result {
  const fd = newFd(line);
  if (!result.ok || fd === null || line.ev !== 'ioctl') return result;
  return { ...result, out: { ...result.out, outVeventqFd: fd } };
}

/** The descriptor that a recorded call gave. */
export function newFd(line: CallLine): number | null {
  if (line.ev === 'open') return line.ret < 0 ? null : line.ret;
  if (line.ev !== 'ioctl' || Number(line.nr) !== ALL_IOCTLS.veventqAlloc.nr || line.ret < 0) return null;
  const at = 2 * VEVENTQ_FD_OFFSET;
  const bytes = line.out.slice(at, at + 8).match(/../g) ?? [];
  return Number.parseInt(bytes.reverse().join(''), 16);
}

/** The descriptor that the model's call gave. */
export function modelFd({ result }: Call): number | null {
  if (!result.ok) return null;
  const fd = result.out.fd ?? result.out.outVeventqFd;
  return fd === undefined ? null : Number(fd);
}

interface RecordedCall {
  readonly command: Command;
  readonly text: Observed;
}

/** The call that a line records, with the model's descriptors. */
export function recordedCall(
  line: CallLine,
  fds: Descriptors,
  cdevs: ReadonlyMap<string, string>,
): RecordedCall {
  const actor = '';
  const fdOf = (fd: number): number => fds.get(fd) ?? -1;
  let command: Command;
  switch (line.ev) {
    case 'open': {
      const device = cdevs.get(line.path);
      command =
        device === undefined
          ? { actor, command: 'openIommufd', args: {} }
          : { actor, command: 'openCdev', args: { device } };
      break;
    }
    case 'close':
      command = { actor, command: 'close', args: { fd: fdOf(line.fd) } };
      break;
    case 'read':
      command = {
        actor,
        command: 'read',
        args: { fd: fdOf(line.fd), count: 0, pos: 0, writable: 0, noMemory: false },
      };
      break;
    case 'ioctl': {
      const decoded = decodeIoctl(line, actor, Number(line.nr) < FIRST_IOMMUFD_NR ? 'device' : 'iommufd');
      const args = { ...decoded.args, fd: fdOf(line.fd) } as Record<string, unknown>;
      if (decoded.command === 'vfioBind') args.iommufd = fdOf(Number(args.iommufd));
      command = { ...decoded, args } as unknown as Command;
    }
  }
  return { command, text: textOf(command) };
}

/** A call's name and the arguments that the kernel looks at. */
function textOf({ command, args }: Command): Observed {
  const text: Record<string, string | number> = { call: command };
  if (command === 'read' || command === 'close') return { ...text, fd: (args as { fd: number }).fd };
  if (!Object.hasOwn(ALL_IOCTLS, command)) return { ...text, ...(args as Observed) };
  const { fields } = ALL_IOCTLS[command as AnyIoctlName];
  const given = args as unknown as Readonly<Record<string, unknown>>;
  text.fd = Number(given.fd);
  for (const [name, layout] of Object.entries(fields)) {
    if (layout.direction === 'out' || 'buffer' in layout) continue;
    text[name] = String(given[name]);
  }
  if (GIVEN.has(command) && Number(given.dataLen ?? given.entryLen ?? 0) > 0)
    text.data = ((given.data ?? []) as readonly bigint[]).map((word) => word.toString(16)).join(' ');
  return text;
}
