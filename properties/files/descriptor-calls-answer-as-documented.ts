import type { OpenFile } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { type Answer, refusal, wrongIn } from '../answers/answer.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { indexBehind, kindBehind, nextFd, processIn } from './look.ts';

/** Done with the process's next descriptor, behind which there is then such a file. */
function opens(
  { before, command: { actor } }: Transition,
  kind: OpenFile['kind'],
  wrong: (world: World, index: number) => Violation = () => null,
  owner = actor,
): Answer {
  const fd = nextFd(before, owner);
  return {
    errno: null,
    out: { fd },
    wrongIn({ world }) {
      const index = indexBehind(world, owner, fd);
      const file = typeof index === 'number' ? (world.files[index] ?? null) : null;
      if (file?.of.kind !== kind) return `${fd} is ${file?.of.kind ?? 'not open'}, and is to be ${kind}`;
      return wrong(world, index as number);
    },
  };
}

/** Another descriptor of an open file, for the same process or another. */
function again(transition: Transition, fd: number, owner: string): Answer {
  const { before, command } = transition;
  const index = indexBehind(before, command.actor, fd);
  if (index === null) return refusal('EBADF');
  if (index === 'standard') return opens(transition, 'plain', undefined, owner);
  const kind = kindBehind(before, command.actor, fd) as OpenFile['kind'];
  const same = (_: World, now: number): Violation =>
    now === index ? null : `it is of file ${now}, and is to be of file ${index}`;
  return opens(transition, kind, same, owner);
}

function isBoundIn(world: World, group: number): boolean {
  return world.files.some(
    (file) =>
      file?.of.kind === 'cdev' &&
      file.of.bound !== null &&
      world.platform.devices[file.of.device]?.group === group,
  );
}

function openGroup(transition: Transition, group: number): Answer {
  const { before } = transition;
  const isThere = before.platform.devices.some(
    (each, at) => each.group === group && before.iommus[each.iommu]?.probed?.refused.includes(at) !== true,
  );
  if (!isThere) return refusal('ENOENT');
  const isOpen = before.files.some((file) => file?.of.kind === 'group' && file.of.group === group);
  return isOpen || isBoundIn(before, group) ? refusal('EBUSY') : opens(transition, 'group');
}

/** What is left of a process. */
function ended({ command: { actor } }: Transition): Answer {
  return {
    errno: null,
    wrongIn({ world }) {
      const { fds, mappings } = processIn(world, actor);
      return fds.length + mappings.length === 0 ? null : `${actor} has ended and still holds files`;
    },
  };
}

function close({ before, command: { actor } }: Transition, fd: number): Answer {
  const index = indexBehind(before, actor, fd);
  if (index === null) return refusal('EBADF');
  return {
    errno: null,
    wrongIn: ({ world }) =>
      index === 'standard' || indexBehind(world, actor, fd) === null ? null : `${fd} is open after close()`,
  };
}

/** An ioctl that is none of the file's: ENOTTY, but that a device's file answers nothing before it is bound. */
function unknown({ before, command: { actor } }: Transition, fd: number): Answer {
  const index = indexBehind(before, actor, fd);
  if (index === null) return refusal('EBADF');
  const of = index === 'standard' ? undefined : before.files[index]?.of;
  return refusal(of !== undefined && 'bound' in of && of.bound === null ? 'EINVAL' : 'ENOTTY');
}

function answerTo(transition: Transition): Answer {
  const { command } = transition;
  switch (command.command) {
    case 'openIommufd':
      return opens(transition, 'iommufd');
    case 'openOther':
      return opens(transition, 'other');
    case 'openFile':
      return opens(transition, command.args.of === 'memory' ? 'memory' : 'plain');
    case 'openGroup':
      return openGroup(transition, command.args.group);
    case 'dup':
      return again(transition, command.args.fd, command.actor);
    case 'passFd':
      return again(transition, command.args.fd, `vmm:${command.args.to}`);
    case 'close':
      return close(transition, command.args.fd);
    case 'unknownIoctl':
      return unknown(transition, command.args.fd);
    case 'exit':
      return ended(transition);
    default:
      return null;
  }
}

export const descriptorCallsAnswerAsDocumented: StepProperty = {
  id: 'descriptor-calls-answer-as-documented',
  sentence:
    'A process gets its lowest free descriptor for each file that it opens or is given. dup() and passing a descriptor on share the open file. A group is opened once, and not beside its device files. A descriptor that is not open is EBADF.',
  source: 'open(2), dup(2), close(2), unix(7); drivers/vfio/group.c: vfio_group_fops_open()',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'descriptors-are-not-used-again',
  violated: (transition) => wrongIn(transition, answerTo(transition)),
  witness: ({ command, result }) =>
    (command.command === 'dup' || command.command === 'openIommufd') && result.ok,
};
