import { parseLine } from '../../conformance/linux/lines.ts';
import type { Line } from '../../conformance/vmm/lines.ts';
import { AgentError } from '../../lab/agent-error.ts';
import type { SessionAnswer } from '../../lab/session.ts';
import type { Rules } from '../../model/rules.ts';
import type { LiveSequence } from '../step.ts';
import { type Described, type Ran, type Target, TargetLost } from '../target.ts';
import type { VmmDriver } from './driver.ts';
import { planVmm, seenLine, type VmmPlan } from './plan.ts';
import { plannedPlatform } from './platform.ts';

/** What a recording keeps of what the recorder wrote; the rest is about processes. */
const KEPT: ReadonlySet<string> = new Set(['open', 'close', 'ioctl', 'read', 'mmap', 'munmap']);

/** A VMM that a driver starts anew for every run, and that the model's guests and operators use. */
export class VmmTarget implements Target {
  readonly name: string;
  readonly #driver: VmmDriver;
  readonly #rules: Rules;
  #described: Described | null = null;
  #heard = 0;

  /** `rules`: how the VMM is thought to answer, by which it is known where the next slot of a queue is. */
  constructor(driver: VmmDriver, rules: Rules) {
    this.name = driver.name;
    this.#driver = driver;
    this.#rules = rules;
  }

  async boot(): Promise<Described> {
    return lost(async () => {
      const { meta, setups, summary } = await this.#driver.boot();
      this.#heard = (await this.#driver.console()).length;
      const devices = setups.map(({ bdf }) => bdf);
      this.#described = {
        platform: plannedPlatform(setups),
        meta,
        setups,
        cdevs: new Map(setups.map(({ bdf, cdev }) => [bdf, cdev ?? ''])),
        dmaDevices: devices,
        summary,
      };
      return this.#described;
    });
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    const described = this.#described;
    if (described === null) throw new TargetLost('the target was stopped');
    const plan = planVmm(described.platform, this.#rules, sequence);
    const operations = plan.planned.flatMap((each) => each.operations);
    // Nothing to be done: what is asked is what is still open.
    const session = await lost(() =>
      this.#driver.session(plan.cold, sequence.length === 0 ? null : operations),
    );
    return sequence.length === 0
      ? { lines: [], steps: [], end: 'ok', files: session.files }
      : assemble(plan, session);
  }

  async reset(): Promise<void> {
    await this.stop();
    await this.boot();
  }

  async console(): Promise<string> {
    const all = await this.#driver.console();
    const fresh = all.slice(this.#heard);
    this.#heard = all.length;
    return fresh;
  }

  async stop(): Promise<void> {
    this.#described = null;
    await this.#driver.stop();
  }
}

/** What was done, what was recorded and what was seen, in order. */
export function assemble({ planned, steps }: VmmPlan, session: SessionAnswer): Ran {
  const lines: Line[] = [];
  const from: number[] = [];
  let operation = 0;
  let recorded = 0;
  const put = (line: Line | null, step: number): void => {
    if (line === null) return;
    lines.push({ ...line, seq: lines.length, section: 'live' });
    from.push(step);
  };
  const putRecorded = (until: number, step: number): void => {
    for (; (session.recorded[recorded]?.operation ?? Number.POSITIVE_INFINITY) < until; recorded++)
      put(recordedLine(session.recorded[recorded]?.line ?? ''), step);
  };
  for (const [at, { input, operations, sees }] of planned.entries()) {
    const step = steps[at] ?? -1;
    put(input, step);
    putRecorded(operation + operations.length, step);
    const answers = session.answers.slice(operation, operation + operations.length);
    operation += operations.length;
    if (answers.length < operations.length) break;
    if (sees !== null) put(seenLine(sees, answers), step);
  }
  return {
    lines,
    steps: from,
    end: session.end,
    files: session.files,
    ...(session.said.length === 0 ? {} : { said: session.said.join('\n') }),
  };
}

function recordedLine(text: string): Line | null {
  const { t: _t, pid: _p, tid: _i, begin: _b, flight: _f, ...line } = parseLine('recorder', 1, text);
  if (!KEPT.has(line.ev)) return null;
  return line as Line;
}

/** What the driver could not do, or said wrongly, is the target's loss. */
async function lost<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof AgentError ? new TargetLost(error.message) : error;
  }
}
