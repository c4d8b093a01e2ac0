import { runSeed } from '../checker/random/seed.ts';
import { answered } from '../conformance/linux/answer.ts';
import { raiseMsi, transfer } from '../conformance/linux/dma.ts';
import type { Line } from '../conformance/linux/lines.ts';
import { loadOf, storeOf } from '../conformance/linux/machine-lines.ts';
import { commandOf } from '../conformance/linux/process.ts';
import { bootSystem, type System, stepSystem } from '../conformance/linux/system.ts';
import type { OperationAnswer } from '../lab/channel.ts';
import type { Rules } from '../model/rules.ts';
import { vmmOf } from '../model/world/process.ts';
import { USER_MEMORY } from '../workload/scopes/hardware.ts';
import { IdleTarget } from './idle-target.ts';
import { planRun } from './plan.ts';
import { threadOf } from './race.ts';
import type { LiveSequence } from './step.ts';
import type { Described, Ran } from './target.ts';

const MEMORY = { start: USER_MEMORY.start, length: Number(USER_MEMORY.last - USER_MEMORY.start + 1n) };

/**
 * A target that the model itself is, under rules of its own: what the loop is tried on, since what it must find is known. Races
 * come in another order each time, the same ones from target to target.
 */
export class ModelTarget extends IdleTarget {
  readonly #rules: Rules;
  #draws = 0;

  constructor(described: Described, rules: Rules) {
    super(described);
    this.#rules = rules;
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    const plan = planRun(sequence, MEMORY, this.described.cdevs);
    const answers: OperationAnswer[] = [];
    let system = bootSystem(this.described.platform, true);
    const act = (at: number): void => {
      const step = at === 0 ? undefined : sequence[at - 1];
      const line = plan.draft(at, answers, step?.kind === 'load' ? '00'.repeat(step.length) : '0000');
      const { system: after, answer } = this.#carryOut(line, system);
      system = after;
      answers[at] = answer;
    };
    for (let at = 0; at < plan.operations.length; ) {
      const race: number[] = [];
      for (let next = at; threadOf(sequence[next - 1]) !== null; next++) race.push(next);
      if (race.length > 0) this.#race(race, sequence, answers, act);
      else act(at);
      at += Math.max(1, race.length);
    }
    const lines = plan.lines(answers);
    return { lines, steps: lines.map((_, at) => plan.stepOf(at)), end: 'ok', files: -1 };
  }

  /** Operations of several threads: each begins, acts and ends, and meanwhile those of the others do. */
  #race(
    operations: readonly number[],
    sequence: LiveSequence,
    answers: OperationAnswer[],
    act: (at: number) => void,
  ): void {
    const threads = [...new Set(operations.map((at) => threadOf(sequence[at - 1])))];
    const queues = threads.map((thread) => operations.filter((at) => threadOf(sequence[at - 1]) === thread));
    const began = new Map<number, number>();
    const acted = new Set<number>();
    for (let tick = 1; ; ) {
      const busy = queues.filter((queue) => queue.length > 0);
      const queue = busy[(runSeed(0, 'race', this.#draws++) >>> 0) % busy.length];
      const at = queue?.[0];
      if (queue === undefined || at === undefined) return;
      const answer = answers[at];
      if (!began.has(at)) began.set(at, tick++);
      else if (!acted.has(at)) {
        act(at);
        acted.add(at);
      } else if (answer?.kind === 'done') {
        answers[at] = { ...answer, ticks: { began: began.get(at) ?? 0, ended: tick++ } };
        queue.shift();
      } else queue.shift();
    }
  }

  #carryOut(
    line: Line | null,
    system: System,
  ): { readonly system: System; readonly answer: OperationAnswer } {
    const { setups, platform } = this.described;
    const rules = this.#rules;
    if (line === null) return { system, answer: succeeded({}) };
    switch (line.ev) {
      case 'store':
        return { system: storeOf(line)(system, rules)[0] ?? system, answer: succeeded({}) };
      case 'load': {
        const [reaction] = loadOf(line)(system, rules);
        return { system, answer: succeeded({ out: String(reaction?.answer.hex ?? '') }) };
      }
      case 'transfer': {
        const device = platform.devices.findIndex(({ id }) => id === line.bdf);
        const dma = { device, direction: line.dir, iova: BigInt(line.iova), length: line.len };
        return { system: transfer(system, dma, rules)[0] ?? system, answer: succeeded({}) };
      }
      case 'msi': {
        const device = platform.devices.findIndex(({ id }) => id === line.bdf);
        const [end] = raiseMsi(system, device, rules);
        return { system: end?.system ?? system, answer: succeeded({ ret: end?.fired ? 1 : 0 }) };
      }
    }
    const cdevs = new Map(setups.map(({ cdev, bdf }) => [cdev ?? '', bdf]));
    const command = commandOf(line, vmmOf(platform.vms[0] ?? ''), cdevs, system.world);
    if (command === null) return { system, answer: succeeded({}) };
    const { system: after, result } = stepSystem(system, command, rules);
    const { ret, errno, out, bufs, hex, revents } = answered(line, command, result);
    const read = revents === undefined ? (out ?? hex ?? '') : pollBytes(String(revents));
    return {
      system: after,
      answer: {
        kind: 'done',
        ret: Number(ret ?? (result.ok ? 0 : -1)),
        errno: Number(errno ?? 0),
        out: String(read),
        buffers: bufs === undefined || bufs === '' ? [] : String(bufs).split(' '),
      },
    };
  }
}

function succeeded({ ret = 0, out = '' }: { readonly ret?: number; readonly out?: string }): OperationAnswer {
  return { kind: 'done', ret, errno: 0, out, buffers: [] };
}

function pollBytes(revents: string): string {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(Number(revents));
  return bytes.toString('hex');
}
