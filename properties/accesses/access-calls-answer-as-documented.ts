import type { Access } from '../../model/iommufd/objects.ts';
import type { World } from '../../model/world/world.ts';
import { MOCK_ACCESS } from '../../spec/iommufd/selftest.ts';
import { type Answer, refusal, wrongIn } from '../answers/answer.ts';
import { isMemoryAsAtStart } from '../answers/pages.ts';
import { callsInFlight, hex, objectIn } from '../look.ts';
import { hasMediated, hasMock } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { type AccessAt, accessAt, accessOf, objection, piecesOf, type Wanted } from './reach.ts';

/** The access of a mediated device that a process has bound. */
function ofMediated(world: World, actor: string): AccessAt | null {
  const { contexts, platform } = world;
  const mdev = (platform.mediated ?? []).findIndex((each) => actor === `device:${each}`);
  for (const [ctx, context] of contexts.entries())
    for (const [id, access] of (context?.objects ?? []).entries())
      if (mdev >= 0 && access?.type === 'access' && access.mdev === mdev) return accessAt(world, ctx, id);
  return null;
}

const show = (pins: Access['pins']): string =>
  pins
    .map(({ start, last }) => `${hex(start)}..${hex(last)}`)
    .sort()
    .join(' ');

/** What the access has pinned behind the call: what it had, and this, or without this. */
function thenPinned(
  used: AccessAt,
  change: (pins: string[]) => readonly string[],
  mayBeRefused = false,
): Answer {
  const expected = [...change(show(used.access.pins).split(' '))]
    .filter((each) => each !== '')
    .sort()
    .join(' ');
  return {
    errno: null,
    ...(mayBeRefused ? { mayBeRefused: true } : {}),
    wrongIn({ world }): Violation {
      const pinned = show(objectIn(world, used.ctx, used.id, 'access')?.pins ?? []);
      return pinned === expected
        ? null
        : `access ${used.id} has pinned ${pinned || 'nothing'}, not ${expected}`;
    },
  };
}

function rangeText({ iova, length }: { readonly iova: bigint; readonly length: bigint }): string {
  return `${hex(iova)}..${hex(iova + length - 1n)}`;
}

/** What those of the selftests take, and no other flag, decides nothing here. */
const WRITE: number = MOCK_ACCESS.WRITE;

const MOST_BYTES = 1n << 24n;

function mockAnswer({ before, command }: Transition): Answer {
  if (command.command !== 'mockPin' && command.command !== 'mockRw' && command.command !== 'mockUnpin')
    return null;
  const { args, actor } = command;
  const used = accessOf(before, actor, args.accessFd);
  if (used === null) return null;
  if (command.command === 'mockUnpin') {
    const pin = used.access.pins.find(({ id }) => id === command.args.accessPagesId);
    if (pin === undefined) return refusal('ENOENT');
    return thenPinned(used, (pins) => pins.toSpliced(pins.indexOf(show([pin])), 1));
  }
  const { iova, length, flags, uptr } = command.args;
  if (length > MOST_BYTES || (flags & ~WRITE) !== 0) return null;
  const isPin = command.command === 'mockPin';
  if (isPin && used.access.anyByte === true) return refusal('EOPNOTSUPP');
  const unit = isPin ? before.platform.kernel.pageSize : 1n;
  const wanted: Wanted = { iova, length, write: flags === WRITE, unit, endsWhole: false };
  const errno = objection(before, used, wanted);
  // Whether the caller's own buffer is there is looked at besides.
  if (errno !== null) return { errno, mayBeRefused: true };
  if (isPin) return thenPinned(used, (pins) => [...pins, rangeText(wanted)], uptr !== 0n);
  return {
    errno: null,
    mayBeRefused: true,
    wrongIn: (after) => wrongPieces(after, piecesOf(used, wanted)),
  };
}

function wrongPieces({ result }: Transition, expected: readonly bigint[]): Violation {
  const pieces = (result.out.pieces ?? []) as readonly bigint[];
  const isSame =
    result.ok && pieces.length === expected.length && pieces.every((each, at) => each === expected[at]);
  return isSame || !result.ok
    ? null
    : `an access reached ${pieces.map(hex).join(' ')}, where ${expected.map(hex).join(' ')} is mapped`;
}

function mediatedAnswer({ before, command }: Transition): Answer {
  if (command.command !== 'mdevPin' && command.command !== 'mdevRw' && command.command !== 'mdevUnpin')
    return null;
  const used = ofMediated(before, command.actor);
  if (used === null) return refusal('ENODEV');
  const { iova, length } = command.args;
  if (command.command === 'mdevUnpin') {
    if (used.access.ioas === null && (used.access.moving?.from ?? null) === null) return refusal('ENODEV');
    const known = show(used.access.pins).split(' ').includes(rangeText({ iova, length }));
    if (!known) return refusal('EINVAL');
    return thenPinned(used, (pins) => pins.toSpliced(pins.indexOf(rangeText({ iova, length })), 1));
  }
  const isPin = command.command === 'mdevPin';
  const unit = isPin ? before.platform.kernel.pageSize : 1n;
  const wanted: Wanted = { iova, length, write: command.args.write, unit, endsWhole: isPin };
  const errno = objection(before, used, wanted);
  if (errno !== null) return refusal(errno);
  if (isPin) return thenPinned(used, (pins) => [...pins, rangeText(wanted)]);
  const [address = 0n] = piecesOf(used, wanted);
  return { errno: null, out: { address } };
}

function answerTo(transition: Transition): Answer {
  const { before } = transition;
  if (!isMemoryAsAtStart(before) || callsInFlight(before).length > 0) return null;
  return mediatedAnswer(transition) ?? mockAnswer(transition);
}

export const accessCallsAnswerAsDocumented: StepProperty = {
  id: 'access-calls-answer-as-documented',
  sentence:
    'A driver pins, reads and writes by its access what is mapped without a gap, in whole pages if it pins, and writes only what was given for writing. It unpins what it had pinned.',
  source: 'rule R-17; drivers/iommu/iommufd/device.c: iommufd_access_pin_pages(), iommufd_access_rw()',
  kind: 'step',
  appliesTo: (platform) => hasMediated(platform) || hasMock(platform),
  brokenBy: 'dmabuf-is-pinned',
  violated: (transition) => wrongIn(transition, answerTo(transition)),
  witness: (transition) => answerTo(transition)?.errno === null,
};
