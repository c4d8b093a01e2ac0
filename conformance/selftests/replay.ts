import { bootWorld } from '../../model/boot.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { composeRules, type Override, type Rules } from '../../model/rules.ts';
import { step } from '../../model/step.ts';
import type { Command, Words } from '../../model/world/command.ts';
import { vmmOf } from '../../model/world/process.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2.ts';
import { ERRNO, errnoName } from '../../spec/errno.ts';
import { MOCK_ACCESS } from '../../spec/iommufd/selftest.ts';
import { ITS, kernel } from '../../workload/scopes/hardware.ts';
import { MOCK_IOMMU, mockDevices } from '../../workload/scopes/mock-hardware.ts';
import { InputError, LineError } from '../input-error.ts';
import { Kinds } from '../kinds.ts';
import { encodeAnswer, ioctlOf, recordedAnswer } from '../linux/ioctl-codec.ts';
import type { Observed } from '../linux/observed.ts';
import { readLines } from '../read-lines.ts';
import type { Disagreement, FileReport } from '../report.ts';
import { KnownMemory } from './known-memory.ts';
import { type Line, parseLine } from './lines.ts';
import { commandsOf, kernelLineOf, unrecordedFiles } from './process.ts';
import { encodeTest, isTest, testOf } from './test-codec.ts';

/** Mock devices of each kind that a test can have at a time. */
const DEVICES = 16;

/** The machine on which selftests run: x86, and everything in user space is there. */
const PLATFORM: Platform = {
  name: 'mock-iommu',
  kernel: kernel({ capSysResource: true, hugePages: true }),
  iommus: [MOCK_IOMMU],
  devices: mockDevices(DEVICES),
  its: [ITS],
  vms: ['process'],
  userMemory: [{ start: 0x1000n, last: 0x7fff_ffff_efffn, writable: true }],
};

const ACTOR = vmmOf('process');

/** Before the first test: mappings that all tests have. */
const STARTUP = '(startup)';

/** Where something is mapped, and descriptors that some of it is of. */
interface Maps {
  readonly mapped: bigint[];
  readonly inMemory: Set<number>;
}

/** What one rule set makes of a line. */
interface Outcome {
  readonly world: World;
  readonly model: Observed;
  readonly agrees: boolean;
}

/**
 * Replays a recording of the kernel's own selftests: each test is a process with a kernel that nothing has happened in. Where an
 * argument is not recorded, all that it may have been are followed as long as the answers fit.
 */
export async function replaySelftests(path: string, design: readonly Override[]): Promise<FileReport> {
  const replay = new Replay(design);
  for await (const { line: number, text } of readLines(path)) {
    const line = parseLine(path, number, text);
    try {
      replay.follow(line, number);
    } catch (error) {
      if (error instanceof LineError) throw new InputError(path, number, error.message);
      throw error;
    }
  }
  return replay.report(path);
}

class Replay {
  private readonly own: Rules;
  /** As the recorded kernel goes, if it does not go as designed. */
  private readonly real: Rules;
  private readonly missing: readonly Override[];
  private readonly design: readonly Override[];
  private events = 0;
  private checked = 0;
  private agreed = 0;
  private first: Disagreement | null = null;
  private readonly skipped = new Map<string, number>();
  private readonly deviations = new Map<string, number>();
  private readonly kinds = new Kinds();

  private test: string | null = null;
  private worlds: readonly World[] = [];
  private memory = new KnownMemory();
  private maps: Maps = { mapped: [], inMemory: new Set() };
  /** What is mapped before the first test. */
  private readonly atStart: Maps = { mapped: [], inMemory: new Set() };

  constructor(design: readonly Override[]) {
    this.design = design;
    this.missing = linux72.filter((known) => !design.includes(known));
    this.own = composeRules(design);
    this.real = this.missing.length === 0 ? this.own : composeRules([...design, ...this.missing]);
  }

  follow(line: Line, number: number): void {
    this.events++;
    this.enter(line);
    if (line.t === STARTUP) {
      this.skip('before the first test');
      return;
    }
    this.open(line);
    const commands = commandsOf(line, ACTOR, this.world, this.maps.mapped);
    if ('skip' in commands) {
      this.skip(commands.skip);
      return;
    }
    this.compare(line, number, commands);
  }

  /** One of the worlds that fit. */
  private get world(): World {
    return this.worlds[0] as World;
  }

  private enter(line: Line): void {
    if (line.t !== this.test) {
      this.test = line.t;
      this.worlds = [bootWorld(PLATFORM)];
      this.memory = new KnownMemory();
      this.maps = { mapped: [...this.atStart.mapped], inMemory: new Set(this.atStart.inMemory) };
    }
    if (line.e !== 'mmap' || line.x !== undefined) return;
    const { mapped, inMemory } = line.t === STARTUP ? this.atStart : this.maps;
    mapped.push(BigInt(line.v));
    if (line.f >= 0) inMemory.add(line.f);
  }

  private open(line: Line): void {
    this.worlds = this.worlds.map((world) =>
      unrecordedFiles(line, ACTOR, world, this.maps.inMemory).reduce(
        (before, command) => step(before, command, this.real).world,
        world,
      ),
    );
  }

  private skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }

  private compare(line: Line, number: number, commands: readonly Command[]): void {
    const truth = recorded(line);
    this.checked++;
    const own = this.outcomes(line, truth, commands, this.own);
    const fits = own.filter(({ agrees }) => agrees);
    if (fits.length > 0) {
      this.agreed++;
      this.worlds = distinct(fits);
      return;
    }
    const real = this.real === this.own ? own : this.outcomes(line, truth, commands, this.real);
    const fitting = real.filter(({ agrees }) => agrees);
    this.worlds = distinct(fitting.length > 0 ? fitting : real);
    const name = fitting.length === 0 ? undefined : this.explanation(line, truth, commands);
    if (name !== undefined) {
      this.deviations.set(name, (this.deviations.get(name) ?? 0) + 1);
      return;
    }
    this.disagree(line, number, truth, (own[0] as Outcome).model);
  }

  private outcomes(line: Line, truth: Observed, commands: readonly Command[], rules: Rules): Outcome[] {
    return this.worlds.flatMap((world) =>
      commands.map((command) => {
        const { world: after, result } = step(world, command, rules);
        const model = this.answered(line, command, result);
        const agrees = Object.keys(truth).every((key) => truth[key] === model[key]);
        return { world: after, model, agrees };
      }),
    );
  }

  private explanation(line: Line, truth: Observed, commands: readonly Command[]): string | undefined {
    return this.missing.find((each) =>
      this.outcomes(line, truth, commands, composeRules([...this.design, each])).some(({ agrees }) => agrees),
    )?.name;
  }

  private disagree(line: Line, number: number, truth: Observed, model: Observed): void {
    const event = `${nameOf(line)} on fd ${line.f} in ${line.t}`;
    this.first ??= { line: number, event, expected: truth, model };
    const expected: Record<string, string | number> = {};
    const answered: Record<string, string | number> = {};
    for (const key of Object.keys(truth)) {
      if (truth[key] === model[key]) continue;
      expected[key] = key === 'errno' ? named(truth[key]) : (truth[key] ?? '');
      answered[key] = key === 'errno' ? named(model[key]) : (model[key] ?? '');
    }
    const what =
      expected.errno === undefined
        ? Object.keys(expected).join(', ')
        : `${expected.errno}, model ${answered.errno}`;
    this.kinds.note(`${nameOf(line)}: ${what}`, {
      line: number,
      event,
      section: line.t,
      expected,
      model: answered,
    });
  }

  private answered(line: Line, command: Command, result: Result): Observed {
    const errno = result.ok ? 0 : ERRNO[result.errno];
    const { out } = result;
    switch (line.e) {
      case 'open':
        return { ret: result.ok ? Number(out.fd) : -1, errno };
      case 'read':
      case 'write':
        return { ret: result.ok ? Number(out.count) : -1, errno };
      case 'ioctl': {
        if (!isTest(line)) {
          const answer = encodeAnswer(kernelLineOf(line), command, result);
          return { ret: answer.ret, errno, out: answer.out, bufs: answer.bufs.join(' ') };
        }
        const ret = result.ok ? Number(out.ret ?? 0) : -1;
        return {
          ret,
          errno,
          out: encodeTest(line, command, result),
          bufs: this.transferred(line, command, result),
        };
      }
      default:
        return { ret: result.ok ? 0 : -1, errno };
    }
  }

  /** What a buffer holds after an access has read or written memory. */
  private transferred(line: Line, command: Command, result: Result): string {
    const [buffer] = line.e === 'ioctl' ? (line.b ?? []) : [];
    if (buffer === undefined) return '';
    const { pieces } = result.out as { pieces?: Words };
    if (command.command !== 'mockRw' || pieces === undefined) return buffer.in;
    if ((command.args.flags & MOCK_ACCESS.WRITE) === 0)
      return this.memory.read(pieces, buffer.out ?? buffer.in);
    this.memory.write(pieces, buffer.in);
    return buffer.in;
  }

  report(path: string): FileReport {
    return {
      file: path,
      events: this.events,
      checked: this.checked,
      agreed: this.agreed,
      skipped: Object.fromEntries([...this.skipped].sort()),
      deviations: Object.fromEntries([...this.deviations].sort()),
      first: this.first,
      disagreements: this.kinds.report(),
      machine: PLATFORM.name,
    };
  }
}

/** Worlds that differ in nothing by their making are one; there are never more than the arguments that a call may have had. */
function distinct(outcomes: readonly Outcome[]): readonly World[] {
  return [...new Set(outcomes.map(({ world }) => world))].slice(0, MOST_WORLDS);
}

const MOST_WORLDS = 8;

function nameOf(line: Line): string {
  if (line.e !== 'ioctl') return line.e;
  if (isTest(line)) return testOf(line)?.name ?? 'IOMMU_TEST_CMD';
  return ioctlOf(kernelLineOf(line).nr, 'iommufd')?.name ?? `ioctl ${line.r}`;
}

function named(errno: string | number | undefined): string {
  return Number(errno) === 0 ? 'none' : (errnoName(Number(errno)) ?? `errno ${errno}`);
}

/** What the recording says of the answer. */
function recorded(line: Line): Observed {
  const errno = line.x ?? 0;
  if (line.e === 'mmap') return { ret: errno === 0 ? 0 : -1, errno };
  const { v: ret } = line;
  if (line.e !== 'ioctl') return { ret, errno };
  if (!isTest(line)) {
    const { out, bufs } = recordedAnswer(kernelLineOf(line));
    return { ret, errno, out, bufs: bufs.join(' ') };
  }
  const bufs = (line.b ?? []).map((each) => each.out ?? each.in);
  return { ret, errno, out: line.o ?? line.i ?? '', bufs: bufs.join(' ') };
}
