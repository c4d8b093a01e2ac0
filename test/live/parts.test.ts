import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Line } from '../../conformance/linux/lines.ts';
import { replayRecording } from '../../conformance/linux/replay.ts';
import type { Finding } from '../../live/finding.ts';
import { judge } from '../../live/judge.ts';
import { ModelTarget } from '../../live/model-target.ts';
import { saveFindings } from '../../live/save.ts';
import type { LiveSequence, LiveStep } from '../../live/step.ts';
import type { Ran } from '../../live/target.ts';
import type { Call } from '../../model/call.ts';
import { composeRules } from '../../model/rules.ts';
import { smmuQemu11Deviations as SMMU } from '../../overrides/deviations/smmu-qemu-11.ts';
import { ERRNO } from '../../spec/errno.ts';
import { DESCRIBED } from './machine.ts';

/*
 * Recordings of races that no order of whole calls explains, made by hand: each answer is of a run without a race, in which the
 * calls came in an order that threads cannot make, and the lines are then said to have overlapped.
 */

const RULES = composeRules(SMMU);
const HELD = { design: SMMU, known: { kernel: [], smmu: [] } };

function call(command: Call['command'], args: Call['args'], as?: string): LiveStep {
  return { kind: 'call', call: { actor: 'vmm:process', command, args, ...(as === undefined ? {} : { as }) } };
}

const OPEN = call('openIommufd', {}, 'iommufd0');
const CDEV = call('openCdev', { device: '0000:00:02.0' }, 'cdev0');
const BIND = call('vfioBind', { fd: 'cdev0', iommufd: 'iommufd0' }, 'device0');
const IOAS = call('ioasAlloc', { fd: 'iommufd0' }, 'ioas0');
const ANOTHER = call('ioasAlloc', { fd: 'iommufd0' });
const EVENT = call('openOther', {});
const CLOSE = call('close', { fd: 'cdev0' });
const HWPT = call('hwptAlloc', { fd: 'iommufd0', devId: 'device0', ptId: 'ioas0' });
const ATTACH = call('vfioAttach', { fd: 'cdev0', ptId: 'ioas0' });
const CLOSE_CONTEXT = call('close', { fd: 'iommufd0' });

async function linesOf(sequence: LiveSequence): Promise<readonly Line[]> {
  const { lines } = await new ModelTarget(DESCRIBED, RULES).run(sequence);
  return lines as readonly Line[];
}

/** A call and its answer, at the end of a sequence that no threads make. */
async function answerOf(...sequence: LiveSequence): Promise<Line> {
  return (await linesOf(sequence)).at(-1) as Line;
}

/** Lines that threads made, by the thread: each thread's overlap all of the other's. */
interface Raced {
  readonly thread: number;
  readonly line: Line;
}

const by =
  (thread: number) =>
  (line: Line): Raced => ({ thread, line });

function recording(before: readonly Line[], race: readonly Raced[], behind: readonly Line[] = []): Ran {
  const first = before.length;
  const raced = race.map(({ thread, line }, at): Line => {
    const own = race.slice(0, at).findLastIndex((other) => other.thread === thread);
    const times = { seq: first + at, begin: first + own + 1, flight: race.length - 1 - at, tid: thread };
    return { ...line, ...times };
  });
  const rest = behind.map((line, at): Line => ({ ...line, seq: first + race.length + at }));
  const lines = [...before, ...raced, ...rest];
  return { lines, steps: lines.map((_, at) => at), end: 'ok', files: -1 };
}

const seen = (ran: Ran) => judge(DESCRIBED, ran, HELD, []).sights.map(({ kind }) => kind);

const returning = (line: Line, ret: number): Line => ({ ...line, ret }) as Line;

describe('close() of a device file', () => {
  const BOUND = [OPEN, CDEV, BIND, IOAS];

  it('gives the number to who opens a file meanwhile, who still finds the device', async () => {
    const race = [
      by(2)(returning(await answerOf(...BOUND, EVENT), 4)),
      by(2)(await answerOf(...BOUND, HWPT)),
      by(1)(await answerOf(...BOUND, CLOSE)),
    ];
    expect(seen(recording(await linesOf(BOUND), race))).toEqual([]);
  });

  it('has released it when it returns', async () => {
    const race = [
      by(2)(returning(await answerOf(...BOUND, EVENT), 4)),
      by(1)(await answerOf(...BOUND, CLOSE)),
    ];
    const late = [await answerOf(...BOUND, HWPT)];
    expect(seen(recording(await linesOf(BOUND), race, late))).toEqual([
      expect.stringMatching(/^IOMMU_HWPT_ALLOC: ok.* \/ ENOENT/),
    ]);
  });

  it('does not let anybody have what no part of it explains', async () => {
    const race = [
      by(2)(returning(await answerOf(...BOUND, EVENT), 4)),
      by(2)(await answerOf(...BOUND, IOAS, HWPT)),
      by(1)(await answerOf(...BOUND, CLOSE)),
    ];
    expect(seen(recording(await linesOf(BOUND), race))).toEqual([
      'IOMMU_HWPT_ALLOC: ok / in no order of the calls that overlap it',
    ]);
  });

  it('keeps the id of its object until the release', async () => {
    const second = [
      call('openCdev', { device: '0000:00:03.0' }, 'cdev1'),
      call('vfioBind', { fd: 'cdev1', iommufd: 'iommufd0' }, 'device1'),
    ];
    const before = [OPEN, CDEV, BIND];
    const race = [
      by(2)(returning(await answerOf(...before, second[0] as LiveStep), 4)),
      by(2)(withFd(await answerOf(...before, ...second), 4)),
      by(1)(await answerOf(...before, CLOSE)),
    ];
    expect(seen(recording(await linesOf(before), race))).toEqual([]);
  });
});

describe('a call on a descriptor that is closed meanwhile', () => {
  it('goes on with its file', async () => {
    const before = [OPEN, CDEV, BIND, IOAS];
    const gone = await answerOf(...before, CLOSE, HWPT);
    const race = [
      by(1)(await answerOf(...before, CLOSE_CONTEXT)),
      by(1)(await answerOf(...before, CLOSE_CONTEXT, EVENT)),
      by(1)(await answerOf(...before, CLOSE)),
      by(2)(gone),
    ];
    expect(gone).toMatchObject({ errno: ERRNO.ENOENT });
    expect(seen(recording(await linesOf(before), race))).toEqual([]);
    // It cannot find the file of a number that is another's since before it began.
    const [, , , late] = recording(await linesOf(before), race).lines.slice(before.length);
    const others = race.slice(0, 3);
    expect(seen(recording(await linesOf(before), others, [late as Line]))).toHaveLength(1);
  });
});

describe('VFIO_DEVICE_BIND_IOMMUFD', () => {
  const UNBOUND = [OPEN, IOAS, CDEV];

  it('has its id before it lets others in', async () => {
    const race = [
      by(2)(await answerOf(...UNBOUND, BIND, ANOTHER)),
      by(2)(await answerOf(...UNBOUND, ATTACH)),
      by(1)(await answerOf(...UNBOUND, BIND)),
    ];
    expect(race[1]?.line).toMatchObject({ errno: ERRNO.EINVAL });
    expect(seen(recording(await linesOf(UNBOUND), race))).toEqual([]);
  });

  it('lets them in once it has returned', async () => {
    const race = [by(2)(await answerOf(...UNBOUND, BIND, ANOTHER)), by(1)(await answerOf(...UNBOUND, BIND))];
    const refused = [await answerOf(...UNBOUND, ATTACH)];
    expect(seen(recording(await linesOf(UNBOUND), race, refused))).toEqual([
      expect.stringMatching(/^VFIO_DEVICE_ATTACH_IOMMUFD_PT: EINVAL.* \/ ok/),
    ]);
  });

  it('lets nobody in before it has an id', async () => {
    const race = [
      by(2)(await answerOf(...UNBOUND, BIND, ATTACH)),
      by(2)(await answerOf(...UNBOUND, ANOTHER)),
      by(1)(await answerOf(...UNBOUND, BIND)),
    ];
    expect(seen(recording(await linesOf(UNBOUND), race))).toHaveLength(1);
  });

  it('is replayed as it was followed', async () => {
    const race = [
      by(2)(await answerOf(...UNBOUND, BIND, ANOTHER)),
      by(2)(await answerOf(...UNBOUND, ATTACH)),
      by(1)(await answerOf(...UNBOUND, BIND)),
    ];
    const ran = recording(await linesOf(UNBOUND), race, [await answerOf(...UNBOUND, BIND, ANOTHER, ATTACH)]);
    const finding: Finding = {
      ...{
        is: 'difference' as const,
        kind: 'of the test',
        name: null,
        command: 'close',
        real: '',
        model: '',
      },
      ...{ sequence: [], ran, minimal: false, steady: true, console: '', run: 0, count: 1 },
    };
    const folder = await mkdtemp(join(tmpdir(), 'nestcheck-parts-'));
    const [path] = await saveFindings(folder, [finding], DESCRIBED, RULES);
    const replayed = await replayRecording(`${path}.jsonl`, SMMU);
    expect(replayed.first).toBeNull();
    expect(replayed.agreed).toBe(7);
  });
});

/** An ioctl on another descriptor. */
function withFd(line: Line, fd: number): Line {
  return { ...line, fd } as Line;
}
