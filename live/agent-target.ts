import { AgentError } from '../lab/agent-error.ts';
import type { Connection } from '../lab/guest.ts';
import { USER_MEMORY } from '../workload/scopes/hardware.ts';
import { describeTarget } from './describe.ts';
import { planRun } from './plan.ts';
import type { LiveSequence } from './step.ts';
import { type Described, type Ran, type Target, TargetLost } from './target.ts';

/** The process's one region of memory, on every target. */
const MEMORY = { start: USER_MEMORY.start, length: Number(USER_MEMORY.last - USER_MEMORY.start + 1n) };

/** No call of the interface takes as long, also with a sanitizer. */
const CALL_MS = 10_000;

/** A target that an agent speaks for: a guest, or a machine that a command leads to. */
export class AgentTarget implements Target {
  readonly name: string;
  readonly #connect: () => Promise<Connection>;
  #connection: Connection | null = null;
  #described: Described | null = null;
  #heard = 0;

  /** `connect` starts the machine, or logs in, and is called anew for every restart. */
  constructor(name: string, connect: () => Promise<Connection>) {
    this.name = name;
    this.#connect = connect;
  }

  async boot(): Promise<Described> {
    return lost(async () => {
      this.#connection = await this.#connect();
      this.#described = await describeTarget(this.#connection);
      this.#heard = (await this.#connection.console()).length;
      return this.#described;
    });
  }

  async run(sequence: LiveSequence): Promise<Ran> {
    const { channel } = this.#connected();
    const plan = planRun(sequence, MEMORY, this.#described?.cdevs ?? new Map());
    const { answers, end, files } = await lost(() => channel.batch(plan.operations, CALL_MS));
    const lines = plan.lines(answers);
    return { lines, steps: lines.map((_, at) => plan.stepOf(at)), end, files };
  }

  async reset(): Promise<void> {
    await this.stop();
    await this.boot();
  }

  async console(): Promise<string> {
    const all = (await this.#connection?.console()) ?? '';
    const fresh = all.slice(this.#heard);
    this.#heard = all.length;
    return fresh;
  }

  async stop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.stop();
  }

  #connected(): Connection {
    if (this.#connection === null) throw new TargetLost('the target was stopped');
    return this.#connection;
  }
}

/** What the agent could not do, or said wrongly, is the target's loss. */
async function lost<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof AgentError ? new TargetLost(error.message) : error;
  }
}
