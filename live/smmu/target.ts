import { AgentError } from '../../lab/agent-error.ts';
import { QtestProcess } from '../../lab/qtest/process.ts';
import type { EmulatedHardware } from '../../model/platform/emulated.ts';
import type { Rules } from '../../model/rules.ts';
import { ID_REGISTER_NAMES } from '../../spec/smmuv3/id-registers.ts';
import type { LiveSequence } from '../step.ts';
import { type Described, type Ran, type Target, TargetLost } from '../target.ts';
import { Answers, linesOf } from './answers.ts';
import { callsOf, describedAs } from './described.ts';
import { hardwareWith, LAYOUT, MACHINE_WORDS, registerAt } from './machine.ts';
import {
  clearTables,
  loadPattern,
  NO_STREAM_TABLE,
  QUEUES,
  readl,
  stamp,
  storePattern,
  storeWords,
  unload,
  wakeDevices,
  wordsOf,
} from './operations.ts';
import { type PlannedStep, planSteps } from './plan.ts';

/** A QEMU with an emulated SMMUv3, whose machine is driven over qtest: no processor of it runs. */
export class QtestTarget implements Target {
  readonly name: string;
  readonly #program: string;
  readonly #rules: Rules;
  readonly #silenceMs: number;
  #qemu: QtestProcess | null = null;
  /** Whether the devices' pages may hold what no word of them should. */
  #astray = false;
  #described: Described | null = null;
  /** Runs are carried out one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /** `rules`: how the emulation is thought to answer, by which it is known where the next slot of a queue is. */
  constructor(program: string, rules: Rules, silenceMs = 15_000) {
    this.name = program;
    this.#program = program;
    this.#rules = rules;
    this.#silenceMs = silenceMs;
  }

  async boot(): Promise<Described> {
    return lost(async () => {
      const qemu = await this.#start();
      const read = await qemu.send(ID_REGISTER_NAMES.map((name) => readl(registerAt(name))));
      if (read.end !== 'ok') throw new AgentError(`QEMU does not answer${because(qemu)}`);
      const values = read.answers.map((answer) => Number(answer));
      const registers = Object.fromEntries(ID_REGISTER_NAMES.map((name, at) => [name, values[at]]));
      const hardware = hardwareWith(registers as unknown as EmulatedHardware['registers']);
      if (((values[0] ?? 0) & STAGES) === 0)
        throw new AgentError(`at ${registerAt('IDR0').toString(16)} there is no SMMUv3`);
      const summary = `QEMU ${await qemu.qmp.version()} over qtest: machine virt, arm-smmuv3 stage=nested, ${LAYOUT.streams.length} edu`;
      this.#described = describedAs(hardware, summary);
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
    const qemu = new QtestProcess(this.#program, MACHINE_WORDS, this.#silenceMs);
    this.#qemu = qemu;
    const made = await qemu.send([storePattern(), ...stamp(), ...wakeDevices(LAYOUT.streams)]);
    if (made.end === 'ok') return qemu;
    await this.stop();
    throw new AgentError(`QEMU does not start${because(qemu)}`);
  }

  async #run(sequence: LiveSequence): Promise<Ran> {
    const described = this.#described;
    if (described === null) throw new TargetLost('the target was stopped');
    const { platform } = described;
    if (sequence.length === 0) return { lines: [], steps: [], end: 'ok', files: -1 };
    const planned = planSteps(platform, this.#rules, callsOf(sequence));
    const qemu = this.#qemu ?? (await this.#start());
    if (this.#astray) await qemu.send(stamp());
    const answers = new Answers();
    const streams = [...new Set(planned.flatMap(({ dma }) => (dma === null ? [] : [dma.stream])))];
    const ended = await carryOut(qemu, platform.emulated as EmulatedHardware, planned, streams, answers);
    this.#astray = answers.isAstray(planned);
    if (ended !== 'ok') await this.stop();
    return linesOf(platform.emulated as EmulatedHardware, planned, answers);
  }
}

const STAGES = 3;

async function carryOut(
  qemu: QtestProcess,
  { memory }: EmulatedHardware,
  planned: readonly PlannedStep[],
  streams: readonly number[],
  answers: Answers,
): Promise<'ok' | 'died' | 'silent'> {
  const boot = Object.entries(memory).map(([at, word]) => storeWords(BigInt(`0x${at}`), [word]));
  let pending: string[] = [
    clearTables(),
    ...boot,
    ...streams.flatMap(loadPattern),
    ...QUEUES,
    ...NO_STREAM_TABLE,
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
      pending = [...wakeDevices(LAYOUT.streams), ...QUEUES];
      skip = pending.length;
    }
    pending.push(...operations);
  }
  const end = await send();
  if (end !== 'ok') return end;
  // With the SMMU as after a reset devices reach memory.
  if (!(await reset())) return 'died';
  const unloads = streams.map(unload);
  const read = await qemu.send([...wakeDevices(LAYOUT.streams), ...unloads.flat()]);
  if (read.end !== 'ok') {
    answers.take([], read.end);
    return read.end;
  }
  let at = wakeDevices(LAYOUT.streams).length;
  for (const [index, stream] of streams.entries()) {
    at += unloads[index]?.length ?? 0;
    answers.buffers.set(stream, wordsOf(read.answers[at - 1] ?? null, 4).map(Number));
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
