import type { Area } from '../../model/iommufd/iopt.ts';
import type { Access } from '../../model/iommufd/objects.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import type { Errno } from '../../spec/errno.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { MOCK_ACCESS } from '../../spec/iommufd/selftest.ts';
import { type Answer, refusal, wrongIn } from '../answers/answer.ts';
import { cannotPin, isMemoryAsAtStart } from '../answers/pages.ts';
import { callsInFlight, hex, objectOf } from '../look.ts';
import { hasMediated, hasMock } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';

/** An access, and where it is. */
interface Used {
  readonly ctx: number;
  readonly id: number;
  readonly access: Access;
}

/** What is asked of it. */
interface Wanted {
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
  /** Whole pages: the areas are to begin and end with one. Of the last area `end` alone: any byte will do. */
  readonly pages: 'all' | 'but the last end' | 'none';
}

/** The access of a mediated device that a process has bound. */
function ofMediated({ contexts, platform }: World, actor: string): Used | null {
  const mdev = (platform.mediated ?? []).findIndex((each) => actor === `device:${each}`);
  for (const [ctx, context] of contexts.entries())
    for (const [id, access] of (context?.objects ?? []).entries())
      if (mdev >= 0 && access?.type === 'access' && access.mdev === mdev) return { ctx, id, access };
  return null;
}

/** The access that a file of the selftests stands for. */
function ofFile(world: World, actor: string, fd: number): Used | null {
  const { of } = fileOf({ world }, actor, fd) ?? {};
  if (of?.kind !== 'mockAccess') return null;
  const context = world.contexts[of.ctx] ?? null;
  const access = context === null ? null : objectOf(context, of.id, 'access');
  return access === null ? null : { ctx: of.ctx, id: of.id, access };
}

function areasOf({ contexts }: World, { ctx, access }: Used): readonly Area[] {
  const context = contexts[ctx] ?? null;
  return context === null ? [] : (objectOf(context, access.ioas ?? -1, 'ioas')?.iopt.areas ?? []);
}

/** What speaks against reaching a range (rule R-17): the first of its areas that will not do, or that they are not enough. */
function objection(world: World, used: Used, { iova, length, write, pages }: Wanted): Errno | null {
  if (length === 0n) return 'EINVAL';
  if (iova + length - 1n > ULONG_MAX) return 'EOVERFLOW';
  if (used.access.ioas === null) return 'ENOENT';
  const { pageSize } = world.platform.kernel;
  for (let at = iova; at < iova + length; ) {
    const area = areasOf(world, used).find(({ start, last }) => start <= at && at <= last);
    if (area === undefined || area.filling === true) return 'ENOENT';
    if (area.dmabuf !== undefined || area.doorbell !== undefined) return 'EINVAL';
    const rest = iova + length - at;
    const inside = area.last - at + 1n;
    const bytes = rest < inside ? rest : inside;
    const va = area.va + (at - area.start);
    const isLast = bytes === rest;
    if (pages !== 'none' && va % pageSize !== 0n) return 'EINVAL';
    const endsFree = isLast && pages === 'but the last end';
    if (pages !== 'none' && !endsFree && (va + bytes) % pageSize !== 0n) return 'EINVAL';
    if (write && !area.pagesWriteable) return 'EPERM';
    const errno = cannotPin(world, { ...area, va }, bytes);
    if (errno !== null) return errno;
    at += bytes;
  }
  return null;
}

const show = (pins: Access['pins']): string =>
  pins
    .map(({ start, last }) => `${hex(start)}..${hex(last)}`)
    .sort()
    .join(' ');

/** What the access has pinned behind the call: what it had, and this, or without this. */
function thenPinned(used: Used, change: (pins: string[]) => readonly string[], mayBeRefused = false): Answer {
  const expected = [...change(show(used.access.pins).split(' '))]
    .filter((each) => each !== '')
    .sort()
    .join(' ');
  return {
    errno: null,
    ...(mayBeRefused ? { mayBeRefused: true } : {}),
    wrongIn({ world }): Violation {
      const context = world.contexts[used.ctx] ?? null;
      const access = context === null ? null : objectOf(context, used.id, 'access');
      const pinned = show(access?.pins ?? []);
      return pinned === expected
        ? null
        : `access ${used.id} has pinned ${pinned || 'nothing'}, not ${expected}`;
    },
  };
}

function rangeText({ iova, length }: { readonly iova: bigint; readonly length: bigint }): string {
  return `${hex(iova)}..${hex(iova + length - 1n)}`;
}

/** User addresses and lengths behind a range, area by area. */
function behind(world: World, used: Used, { iova, length }: Wanted): readonly bigint[] {
  const last = iova + length - 1n;
  return areasOf(world, used).flatMap((area) => {
    const from = area.start > iova ? area.start : iova;
    const to = area.last < last ? area.last : last;
    return from > to ? [] : [area.va + (from - area.start), to - from + 1n];
  });
}

/** What those of the selftests take, and no other flag, decides nothing here. */
const WRITE: number = MOCK_ACCESS.WRITE;

const MOST_BYTES = 1n << 24n;

function mockAnswer({ before, command }: Transition): Answer {
  if (command.command !== 'mockPin' && command.command !== 'mockRw' && command.command !== 'mockUnpin')
    return null;
  const { args, actor } = command;
  const used = ofFile(before, actor, args.accessFd);
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
  const wanted: Wanted = { iova, length, write: flags === WRITE, pages: isPin ? 'but the last end' : 'none' };
  const errno = objection(before, used, wanted);
  // Whether the caller's own buffer is there is looked at besides.
  if (errno !== null) return { errno, mayBeRefused: true };
  if (isPin) return thenPinned(used, (pins) => [...pins, rangeText(wanted)], uptr !== 0n);
  return {
    errno: null,
    mayBeRefused: true,
    wrongIn: (after) => wrongPieces(after, behind(before, used, wanted)),
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
  const wanted: Wanted = { iova, length, write: command.args.write, pages: isPin ? 'all' : 'none' };
  const errno = objection(before, used, wanted);
  if (errno !== null) return refusal(errno);
  if (isPin) return thenPinned(used, (pins) => [...pins, rangeText(wanted)]);
  const [address = 0n] = behind(before, used, wanted);
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
