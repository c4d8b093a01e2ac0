import type { Rules } from '../../model/rules.ts';
import type { Command } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import { agree, answered, recorded } from '../linux/answer.ts';
import type { Line, LineOf } from '../linux/lines.ts';
import { type Cdevs, commandOf } from '../linux/process.ts';
import { type System, stepSystem } from '../linux/system.ts';
import type { Told } from './translator.ts';

/*
 * Calls that the kernel makes in several parts, between which those of other threads come.
 *
 * - close(): file_close_fd() gives the number back, and only then fput_close_sync() releases the file, if nothing else holds it
 *   (fs/open.c).
 * - A call on a descriptor that another thread closes meanwhile: fdget() finds the file, and holds it until fdput(). It goes on with
 *   that file, whatever its number stands for by then, and releases it where close() could not.
 * - VFIO_DEVICE_BIND_IOMMUFD: vfio_df_open() makes the device's object, and access_granted, set last in vfio_df_ioctl_bind_iommufd(),
 *   lets other calls on the file in: until then vfio_device_fops_unl_ioctl() answers EINVAL. A second bind of the file waits for
 *   dev_set->lock.
 *
 * A file that a call holds has a descriptor more in the process, of a number that no process has.
 */

/** What one part leads to; null: it cannot come here, or the call's answer is another. */
export type Part = (now: System, rules: Rules, closed: Closed) => System | null;

/** Whether a file has an object and lets no call in yet: the descriptors by which calls hold such files. */
export type Closed = readonly Held[];

export interface Held {
  readonly actor: string;
  readonly fd: number;
}

export interface Parts {
  readonly parts: readonly Part[];
  /** The part in which the answer is decided. */
  readonly decides: number;
  /** A bind's file, which no call comes to from the part that decides until the last. */
  readonly closes: Held | null;
}

/** Beyond RLIMIT_NOFILE's usual value: no process has such a number. */
const FIRST_HELD = 1024;

/** The parts of a call, the `rank`-th of those that overlap; `others`: the calls that may come between them. */
export function partsOf(told: Told, rank: number, others: readonly Told[], cdevs: Cdevs): Parts {
  const { line, actor } = told;
  const held = { actor, fd: FIRST_HELD + rank };
  const whole = wholeOf(told, cdevs);
  if (!('fd' in line) || line.fd === undefined || others.length === 0) return whole;
  const { fd } = line;
  const hold: Part = (now) => holding(now, held, fd);
  const drop: Part = (now, rules) => dropping(now, held, rules);
  if (line.ev === 'close') {
    const gone: Part = (now, rules, closed) =>
      decided(told, holding(now, held, fd), rules, closed, cdevs, null);
    return { parts: [gone, drop], decides: 0, closes: null };
  }
  const act: Part = (now, rules, closed) => decided(told, now, rules, closed, cdevs, held);
  if (isBind(line)) return { parts: [hold, act, drop], decides: 1, closes: line.errno === 0 ? held : null };
  const isClosed = others.some((other) => other.line.ev === 'close' && other.line.fd === fd);
  return isClosed ? { parts: [hold, act, drop], decides: 1, closes: null } : whole;
}

/** A call that nothing comes between. */
export function wholeOf(told: Told, cdevs: Cdevs): Parts {
  const all: Part = (now, rules, closed) => decided(told, now, rules, closed, cdevs, null);
  return { parts: [all], decides: 0, closes: null };
}

const BIND = 'VFIO_DEVICE_BIND_IOMMUFD';

function isBind(line: Line): line is LineOf<'ioctl'> {
  return line.ev === 'ioctl' && line.name === BIND;
}

/** What a call leads to if the model gives its answer. `held`: the descriptor by which it holds its file; null: its own. */
function decided(
  { line, actor }: Told,
  now: System,
  rules: Rules,
  closed: Closed,
  cdevs: Cdevs,
  held: Held | null,
): System | null {
  const told = 'fd' in line ? line.fd : undefined;
  const fd = held?.fd ?? told;
  const command = commandOf(held === null ? line : ({ ...line, fd } as typeof line), actor, cdevs, now.world);
  if (command === null) return now;
  const shut = fd === undefined || line.ev === 'close' ? null : shutFile(now, actor, fd, closed);
  if (shut !== null && command.command === 'vfioBind') return null;
  const { system, result } = stepSystem(shut === null ? now : unbound(now, shut), command, rules);
  if (!agree(recorded(line), answered(line, command, result))) return null;
  if (shut !== null) return result.ok ? null : now;
  return held === null || told === undefined ? system : saidWith(system, command, told);
}

/** The index of a call's file, where it lets none in yet. */
function shutFile({ world }: System, actor: string, fd: number, closed: Closed): number | null {
  const index = fileOf({ world }, actor, fd)?.index ?? null;
  const isShut = closed.some((each) => fileOf({ world }, each.actor, each.fd)?.index === index);
  return index !== null && isShut ? index : null;
}

function unbound(system: System, index: number): System {
  const { world } = system;
  const file = world.files[index];
  if (file?.of.kind !== 'cdev' && file?.of.kind !== 'mdev') return system;
  const files = world.files.with(index, { ...file, of: { ...file.of, bound: null } });
  return { ...system, world: { ...world, files } };
}

/** The same with one more descriptor of a file; where there is none, nothing is held. */
function holding(system: System, { actor, fd: as }: Held, fd: number): System {
  const { world } = system;
  const process = world.processes[actor];
  const index = fileOf({ world }, actor, fd)?.index ?? -1;
  const file = world.files[index] ?? null;
  if (process === undefined || file === null) return system;
  const fds = Array.from(
    { length: Math.max(process.fds.length, as - FIRST_FD + 1) },
    (_, at) => process.fds[at] ?? null,
  );
  fds[as - FIRST_FD] = index;
  const files = world.files.with(index, { ...file, refs: file.refs + 1 });
  const processes = { ...world.processes, [actor]: { ...process, fds } };
  return { ...system, world: { ...world, files, processes } };
}

/** A call's hold on its file ends; the last one releases it. */
function dropping(system: System, { actor, fd }: Held, rules: Rules): System {
  if (fileOf({ world: system.world }, actor, fd) === null) return system;
  const command: Command = { actor, command: 'close', args: { fd } };
  const { system: after } = stepSystem(system, command, rules);
  const { commands } = system.machine;
  return commands === undefined ? after : { ...after, machine: { ...after.machine, commands } };
}

/** What was done is kept as the process said it. */
function saidWith(system: System, command: Command, fd: number): System {
  const { commands } = system.machine;
  if (commands === undefined || commands === null) return system;
  const entry = { ...command, args: { ...command.args, fd } } as Command;
  return { ...system, machine: { ...system.machine, commands: { entry, older: commands.older } } };
}
