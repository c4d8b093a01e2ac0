import { AgentError } from '../../lab/agent-error.ts';
import { QtestProcess } from '../../lab/qtest/process.ts';
import type { Rules } from '../../model/rules.ts';
import type { LiveSequence } from '../step.ts';
import { type Described, type Ran, type Target, TargetLost } from '../target.ts';
import { Answers, linesOf } from './answers.ts';
import { callsOf, describedAs } from './described.ts';
import type { QtestMachine } from './machine.ts';
import { fill, loadPattern, stamp, storePattern, storeWords, unload, wordsOf } from './operations.ts';
import { planSteps } from './planned.ts';
import type { PlannedStep } from './planned-step.ts';

/** A QEMU with an emulated IOMMU, whose machine is driven over qtest: no processor of it runs. */
export class QtestTarget implements Target {
  readonly name: string;
  readonly #program: string;
  readonly #machine: QtestMachine;
  /** How the emulation is thought to answer: by it, it is known where the next slot of a queue is. */
  readonly #rulesFor: (platform: Described['platform']) => Rules;
  readonly #silenceMs: number;
  #qemu: QtestProcess | null = null;
  /** Whether the devices' pages may hold what no word of them should. */
  #astray = false;
  #described: Described | null = null;
  /** Runs are carried out one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    program: string,
    machine: QtestMachine,
    rulesFor: (platform: Described['platform']) => Rules,
    silenceMs = 15_000,
  ) {
    this.name = program;
    this.#program = program;
    this.#machine = machine;
    this.#rulesFor = rulesFor;
    this.#silenceMs = silenceMs;
  }

  async boot(): Promise<Described> {
    return lost(async () => {
      const qemu = await this.#start();
      const { platform, summary } = await this.#machine.describe(qemu);
      const version = await qemu.qmp.version();
      this.#described = describedAs(platform, `QEMU ${version} over qtest: ${summary}`);
      return this.#described;
    });
  }

  run(sequence: LiveSequence): Promise<Ran> {
    const ran = this.#last.then(() => lost(() => this.#run(sequence)));
    this.#last = ran.catch(() => {});
    return ran;
  }

  async reset(): Promise<void> {
    await this.stop();
    await this.boot();
  }

  /** No kernel runs. */
  async console(): Promise<string> {
    return '';
  }

  async stop(): Promise<void> {
    const qemu = this.#qemu;
    this.#qemu = null;
    await qemu?.stop();
  }

  /** A machine as after its reset, with what stays in its memory. */
  async #start(): Promise<QtestProcess> {
    const { words, pattern, stamped, wake } = this.#machine;
    const qemu = new QtestProcess(this.#program, words, this.#silenceMs);
    this.#qemu = qemu;
    const made = await qemu.send([storePattern(pattern), ...stamp(stamped), ...wake]);
    if (made.end === 'ok') return qemu;
    await this.stop();
    throw new AgentError(`QEMU does not start${because(qemu)}`);
  }

  async #run(sequence: LiveSequence): Promise<Ran> {
    const described = this.#described;
    if (described === null) throw new TargetLost('the target was stopped');
    const { platform } = described;
    if (sequence.length === 0) return { lines: [], steps: [], end: 'ok', files: -1 };
    const machine = this.#machine;
    const planned = planSteps(machine, platform, this.#rulesFor(platform), callsOf(sequence));
    const qemu = this.#qemu ?? (await this.#start());
    if (this.#astray) await qemu.send(stamp(machine.stamped));
    const answers = new Answers();
    const ended = await carryOut(qemu, machine, platform, planned, answers);
    this.#astray = answers.isAstray(planned);
    if (ended !== 'ok') await this.stop();
    return linesOf(platform, planned, answers);
  }
}

async function carryOut(
  qemu: QtestProcess,
  machine: QtestMachine,
  { emulated, emulatedVtd }: Described['platform'],
  planned: readonly PlannedStep[],
  answers: Answers,
): Promise<'ok' | 'died' | 'silent'> {
  const { tables, begin, forget, wake, pattern, scratch } = machine;
  const devices = [...new Set(planned.flatMap(({ dma }) => (dma === null ? [] : [dma.device])))];
  const bars = devices.map((device) => machine.barOf(device));
  const memory = emulated?.memory ?? emulatedVtd?.memory ?? {};
  const boot = Object.entries(memory).map(([at, word]) => storeWords(BigInt(`0x${at}`), [word]));
  let pending: string[] = [
    fill(tables),
    ...boot,
    ...bars.flatMap((bar) => loadPattern(bar, pattern)),
    ...begin,
    ...forget,
  ];
  let skip = pending.length;
  const send = async (): Promise<'ok' | 'died' | 'silent'> => {
    const { answers: given, end } = await qemu.send(pending);
    answers.take(given.slice(skip), end);
    pending = [];
    skip = 0;
    return end;
  };
  const reset = async (): Promise<boolean> => {
    try {
      await qemu.qmp.systemReset();
      return true;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      answers.take([], 'died');
      return false;
    }
  };
  for (const { operations, resets } of planned) {
    if (resets) {
      const end = await send();
      if (end !== 'ok') return end;
      if (!(await reset())) return 'died';
      pending = [...wake, ...begin];
      skip = pending.length;
    }
    pending.push(...operations);
  }
  const end = await send();
  if (end !== 'ok') return end;
  // With the IOMMU as after a reset devices reach memory.
  if (!(await reset())) return 'died';
  const unloads = bars.map((bar) => unload(bar, scratch));
  const read = await qemu.send([...wake, ...unloads.flat()]);
  if (read.end !== 'ok') {
    answers.take([], read.end);
    return read.end;
  }
  let at = wake.length;
  for (const [index, device] of devices.entries()) {
    at += unloads[index]?.length ?? 0;
    answers.buffers.set(device, wordsOf(read.answers[at - 1] ?? null, 4).map(Number));
  }
  return 'ok';
}

function because(qemu: QtestProcess): string {
  return qemu.said === '' ? '' : `: ${qemu.said}`;
}

/** What QEMU does not do, or says wrongly, is the target's loss. */
async function lost<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof AgentError ? new TargetLost(error.message) : error;
  }
}
