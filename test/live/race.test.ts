import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Line } from '../../conformance/linux/lines.ts';
import { replayRecording } from '../../conformance/linux/replay.ts';
import type { OperationAnswer } from '../../lab/channel.ts';
import { generateSequence } from '../../live/generate.ts';
import { judge } from '../../live/judge.ts';
import { kernelSubject } from '../../live/kernel-subject.ts';
import { canKeep } from '../../live/left-behind.ts';
import { type LiveReport, live } from '../../live/loop.ts';
import { ModelTarget } from '../../live/model-target.ts';
import type { LiveOptions } from '../../live/options.ts';
import { canBePlanned, planRun } from '../../live/plan.ts';
import { calmer, isRacing, RACE_RUNS, refersWithinThreads, stretchesOf, threadOf } from '../../live/race.ts';
import { findingText } from '../../live/report.ts';
import { saveFindings } from '../../live/save.ts';
import type { LiveSequence, LiveStep } from '../../live/step.ts';
import type { SubjectOf } from '../../live/subject.ts';
import type { Described, Ran, Target } from '../../live/target.ts';
import type { Call } from '../../model/call.ts';
import { composeRules, type Override } from '../../model/rules.ts';
import { smmuQemu11Deviations as SMMU } from '../../overrides/deviations/smmu-qemu-11.ts';
import { MUTANTS } from '../../overrides/index.ts';
import { ERRNO } from '../../spec/errno.ts';
import { USER_MEMORY } from '../../workload/scopes/hardware.ts';
import { DESCRIBED } from './machine.ts';

const RULES = composeRules(SMMU);
const HELD = { design: SMMU, known: { kernel: [], smmu: [] } };
const OPTIONS: LiveOptions = {
  ...{ seed: 1, time: 300_000, runs: 1, steps: 40, promises: [], races: true },
  ...HELD,
};

function call(command: Call['command'], args: Call['args'], as?: string): LiveStep {
  return { kind: 'call', call: { actor: 'vmm:process', command, args, ...(as === undefined ? {} : { as }) } };
}

function by(thread: number, step: LiveStep): LiveStep {
  return step.kind === 'call' ? { ...step, thread } : step;
}

const FD = 'iommufd0';
const OPEN = call('openIommufd', {}, FD);
const IOAS = call('ioasAlloc', { fd: FD }, 'ioas0');
const ANOTHER = call('ioasAlloc', { fd: FD });
const DESTROY = call('destroy', { fd: FD, id: 'ioas0' });
const LOOK = call('ioasIovaRanges', { fd: FD, ioasId: 'ioas0', numIovas: 4 });
const MAP = call('ioasMap', {
  ...{ fd: FD, flags: 7, ioasId: 'ioas0', userVa: USER_MEMORY.start },
  ...{ length: 0x1000n, iova: 0x10_0000n },
});
const device = (index: number, id: string): readonly LiveStep[] => [
  call('openCdev', { device: id }, `cdev${index}`),
  call('vfioBind', { fd: `cdev${index}`, iommufd: FD }, `device${index}`),
];

/** What each run of a sequence answered, a word a line, and what was seen in it. */
async function runsOf(sequence: LiveSequence, target: Target): Promise<{ said: string[]; seen: string[] }> {
  const said: string[] = [];
  const seen: string[] = [];
  for (let runs = 0; runs < 40; runs++) {
    const ran = await target.run(sequence);
    const byStep = sequence.map((_, step) => ran.lines[ran.steps.indexOf(step)] as Line);
    said.push(byStep.map((line) => ('errno' in line ? line.errno : '-')).join(' '));
    seen.push(...judge(DESCRIBED, ran, HELD, []).sights.map(({ kind }) => kind));
  }
  return { said, seen };
}

/** A search that has one sequence. */
function search(target: Target, sequence: LiveSequence): Promise<LiveReport> {
  const subjectOf: SubjectOf = (described, options) => ({
    ...kernelSubject(described, options),
    generate: () => sequence,
  });
  return live(
    target,
    { ...OPTIONS, runs: 16 },
    () => {},
    () => false,
    subjectOf,
  );
}

function modelWith(overrides: readonly Override[]): ModelTarget {
  return new ModelTarget(DESCRIBED, composeRules([...SMMU, ...overrides]));
}

/** The model, but that who looks at an address space while another call is under way is told of an error. */
class Careless implements Target {
  readonly name = 'careless';
  readonly #model = modelWith([]);

  boot(): Promise<Described> {
    return this.#model.boot();
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    const ran = await this.#model.run(sequence);
    const lines = (ran.lines as readonly Line[]).map((line, at, all): Line => {
      const overlapped = (line.flight ?? 0) > 0 || (line.begin ?? at) < (all[at]?.seq ?? at);
      const fails =
        line.ev === 'ioctl' && line.name === 'IOMMU_IOAS_IOVA_RANGES' && line.ret === 0 && overlapped;
      return fails ? { ...line, ret: -1, errno: ERRNO.EIO } : line;
    });
    return { ...ran, lines };
  }

  async reset(): Promise<void> {}
  async console(): Promise<string> {
    return '';
  }
  async stop(): Promise<void> {}
}

describe('a race as operations of the agent', () => {
  const done = (ret: number, ticks?: readonly [number, number]): OperationAnswer => ({
    ...{ kind: 'done', ret, errno: 0, out: '', buffers: [] },
    ...(ticks === undefined ? {} : { ticks: { began: ticks[0], ended: ticks[1] } }),
  });
  const memory = { start: USER_MEMORY.start, length: 0x1000 };

  it('is marked, and its lines come in the order in which calls ended, with those that overlap', () => {
    const event = (as: string) => call('openOther', {}, as);
    const sequence = [
      event('fd0'),
      by(1, event('fd1')),
      by(1, call('close', { fd: 'fd1' })),
      by(2, event('fd2')),
      call('close', { fd: 'fd2' }),
    ];
    const plan = planRun(sequence, memory, DESCRIBED.cdevs);
    expect(plan.operations.slice(1)).toEqual([
      ...['eventfd', '&1 eventfd', '&1 close $2', '&2 eventfd', 'close $4'],
    ]);
    const answers = [done(0), done(3), done(4, [1, 4]), done(0, [5, 6]), done(5, [2, 3]), done(0)];
    const lines = plan.lines(answers);
    expect(lines.map((line, at) => [plan.stepOf(at), line.tid, line.begin, line.flight])).toEqual([
      [-1, undefined, undefined, undefined],
      [0, undefined, undefined, undefined],
      [3, 2, 2, 1],
      [1, 1, 2, 0],
      [2, 1, 4, 0],
      [4, undefined, undefined, undefined],
    ]);
  });

  it('has no step that refers to what another thread gives', () => {
    const across = [OPEN, by(1, IOAS), by(2, MAP)];
    expect(refersWithinThreads(across)).toBe(false);
    expect(() => planRun(across, memory, DESCRIBED.cdevs)).toThrow(/another thread/);
    expect(refersWithinThreads([OPEN, by(1, IOAS), by(1, MAP), by(2, ANOTHER)])).toBe(true);
    // Also where it comes later in the list.
    expect(refersWithinThreads([OPEN, by(2, MAP), by(1, IOAS)])).toBe(false);
    expect(refersWithinThreads([OPEN, by(1, IOAS), OPEN, by(2, MAP)])).toBe(true);
  });

  it('is made calmer with ever fewer steps in it', () => {
    const race = [OPEN, by(1, IOAS), by(1, MAP), by(2, OPEN)];
    const marked = (sequence: LiveSequence) => sequence.filter((step) => threadOf(step) !== null).length;
    expect(calmer(race).map(marked)).toEqual([0, 2, 2, 2, 2]);
    expect(calmer(race)[1]).toEqual([OPEN, IOAS, by(1, MAP), by(2, OPEN)]);
    expect(calmer(race)[2]).toEqual([OPEN, by(1, IOAS), by(2, OPEN), MAP]);
    expect(calmer([OPEN, IOAS])).toEqual([]);
  });
});

describe('sequences with races', () => {
  const workshop = {
    ...{ described: DESCRIBED, rules: RULES, steps: 40, races: true },
    ...{ avoided: new Set<string>(), left: new Set<string>() },
  };
  const drawsOf = (seed: number) => {
    let state = seed;
    return (bound: number) => {
      state = (Math.imul(state, 0x19660d) + 0x3c6ef35f) >>> 0;
      return (state >>> 8) % bound;
    };
  };
  const made = Array.from({ length: 40 }, (_, seed) => generateSequence(workshop, null, drawsOf(seed)));

  it('are the same from the same draws, and half of all', () => {
    expect(generateSequence(workshop, null, drawsOf(7))).toEqual(made[7]);
    const racing = made.filter(isRacing).length;
    expect(racing).toBeGreaterThan(10);
    expect(racing).toBeLessThan(30);
  });

  it('have two threads with two to eight calls, which the agent can be told', () => {
    for (const sequence of made.filter(isRacing)) {
      expect(refersWithinThreads(sequence)).toBe(true);
      expect(sequence.every((step) => canBePlanned(step, DESCRIBED.cdevs))).toBe(true);
      expect(sequence.some((step) => step.kind === 'call' && canKeep(step.call.command))).toBe(false);
      for (const { from, past } of stretchesOf(sequence)) {
        expect(new Set(sequence.slice(from, past).map(threadOf))).toEqual(new Set([1, 2]));
        expect(past - from).toBeGreaterThanOrEqual(2);
        expect(past - from).toBeLessThanOrEqual(8);
      }
    }
  });
});

describe('answers of a race', () => {
  it('are permitted in either order', async () => {
    const { said, seen } = await runsOf([OPEN, IOAS, by(1, DESTROY), by(2, MAP)], modelWith([]));
    expect(new Set(said)).toEqual(new Set(['0 0 0 0', `0 0 0 ${ERRNO.ENOENT}`]));
    expect(seen).toEqual([]);
  });

  it('leave more than one state, and a later answer says which it is', async () => {
    const hwpt = (as: string) => call('hwptAlloc', { fd: FD, devId: 'device0', ptId: 'ioas0' }, as);
    const sequence = [
      ...[OPEN, ...device(0, '0000:00:02.0'), IOAS, hwpt('hwpt0'), hwpt('hwpt1')],
      by(1, call('vfioAttach', { fd: 'cdev0', ptId: 'hwpt0' })),
      by(2, call('vfioAttach', { fd: 'cdev0', ptId: 'hwpt1' })),
      call('destroy', { fd: FD, id: 'hwpt0' }),
    ];
    const { said, seen } = await runsOf(sequence, modelWith([]));
    expect(new Set(said)).toEqual(new Set([`0 0 0 0 0 0 0 0 ${ERRNO.EBUSY}`, '0 0 0 0 0 0 0 0 0']));
    expect(seen).toEqual([]);
  });

  it('differ where no order gives them', async () => {
    const { seen } = await runsOf([OPEN, IOAS, by(1, LOOK), by(2, ANOTHER)], new Careless());
    expect(new Set(seen)).toEqual(
      new Set(['IOMMU_IOAS_IOVA_RANGES: EIO / in no order of the calls that overlap it']),
    );
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.length).toBeLessThan(40);
  });
});

describe('a search with races', () => {
  it('finds nothing where every answer is one of an order', async () => {
    const target = modelWith([]);
    const report = await live(
      target,
      { ...OPTIONS, runs: 32 },
      () => {},
      () => false,
    );
    expect(report.findings).toEqual([]);
    expect(report.calls).toBeGreaterThan(500);
  });

  it('brings what only one order shows back as that order, without threads', async () => {
    const wrong = MUTANTS.filter(({ name }) => name === 'virt-id-given-twice');
    const vdevice = (index: number, as?: string) =>
      call('vdeviceAlloc', { fd: FD, viommuId: 'viommu0', devId: `device${index}`, virtId: 5n }, as);
    const sequence = [
      ...[OPEN, ...device(0, '0000:00:02.0'), ...device(1, '0000:00:03.0'), IOAS],
      call('hwptAlloc', { fd: FD, devId: 'device0', ptId: 'ioas0', flags: 1 }, 'hwpt0'),
      call('viommuAlloc', { fd: FD, type: 1, devId: 'device0', hwptId: 'hwpt0' }, 'viommu0'),
      vdevice(0, 'vdevice0'),
      by(1, call('destroy', { fd: FD, id: 'vdevice0' })),
      by(2, vdevice(1)),
    ];
    const { findings } = await search(modelWith(wrong), sequence);
    expect(findings).toMatchObject([{ is: 'difference', minimal: true, steady: true }]);
    const [found] = findings;
    expect(found?.kind).toMatch(/^IOMMU_VDEVICE_ALLOC: ok.* \/ EEXIST/);
    expect(found?.sequence.some((step) => threadOf(step) !== null)).toBe(false);
    expect(found?.sequence.filter((step) => step.kind === 'call' && step.call.command === 'destroy')).toEqual(
      [],
    );
  });

  it('finds an answer that only calls at the same time bring, and keeps these alone', async () => {
    const noise = [call('ioasAlloc', { fd: FD }), call('openOther', {})];
    const sequence = [
      ...[OPEN, ...noise, IOAS, by(1, call('openOther', {})), by(1, LOOK), by(1, ANOTHER)],
      ...[by(2, ANOTHER), by(2, call('openOther', {})), call('openOther', {})],
    ];
    const report = await search(new Careless(), sequence);
    const [found, ...others] = report.findings;
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      is: 'difference',
      command: 'IOMMU_IOAS_IOVA_RANGES',
      minimal: true,
      steady: true,
    });
    expect(found?.sequence.map(threadOf).filter((thread) => thread !== null)).toHaveLength(2);
    expect(found?.sequence).toHaveLength(4);
    expect(found?.chance?.of).toBe(RACE_RUNS);
    expect(found?.chance?.shown).toBeGreaterThan(0);
    const text = found === undefined ? '' : findingText(found);
    expect(text).toMatch(/\[thread 1\]/);
    expect(text).toMatch(/shows in \d+ of 20 runs/);
    expect(text).toMatch(/no order explains/);

    const folder = await mkdtemp(join(tmpdir(), 'nestcheck-race-'));
    await saveFindings(folder, report.findings, DESCRIBED, RULES);
    const [c, recording] = (await readdir(folder)).sort().map((name) => join(folder, name));
    expect(await readFile(c ?? '', 'utf8')).toContain('threads did this, here it is one after the other');
    const replayed = await replayRecording(recording ?? '', SMMU);
    expect(replayed.agreed).toBe(replayed.checked - 1);
    expect(replayed.first?.event).toMatch(/IOMMU_IOAS_IOVA_RANGES/);
  });
});
