import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { AgentError, shown } from '../agent-error.ts';
import { answerOf, Lines } from './lines.ts';
import { QmpChannel } from './qmp.ts';

/** How some commands ended: `died` where the program did before the last was answered, `silent` where it was ended. */
export type QtestEnd = 'ok' | 'died' | 'silent';

export interface QtestAnswers {
  /** One for each command, as far as it came; null: refused. */
  readonly answers: readonly (string | null)[];
  readonly end: QtestEnd;
}

/** The words that lead QEMU's qtest to its standard input and output, and QMP to a socket that it inherits. */
const SOCKETS: readonly string[] = [
  ...['-accel', 'qtest', '-display', 'none', '-nodefaults'],
  ...['-qtest', 'stdio', '-qtest-log', 'none'],
  ...['-chardev', 'socket,fd=3,id=qmp', '-mon', 'chardev=qmp,mode=control'],
];

/** The first answer comes when the machine is built, which takes half a second, and longer where much else runs. */
const START_MS = 30_000;

/** How often it is listened before silence is told: time in which we do something else at a stretch is none of listening. */
const LISTENED = 10;

interface Waiting {
  readonly count: number;
  readonly answers: (string | null)[];
  readonly resolve: (answers: QtestAnswers) => void;
  readonly reject: (error: AgentError) => void;
}

/** A QEMU whose processors do not run: its machine's memory and devices are accessed over qtest. */
export class QtestProcess {
  readonly qmp: QmpChannel;
  readonly #child: ChildProcess;
  readonly #silenceMs: number;
  readonly #queue: Waiting[] = [];
  readonly #ended: Promise<void>;
  #said = '';
  #over: QtestEnd | AgentError | null = null;
  #timer: NodeJS.Timeout | null = null;
  #heard = false;
  /** How often it was listened for an answer since the last one. */
  #silent = 0;

  /** `silenceMs`: after so long without an answer, it is taken to hang, and ended. */
  constructor(program: string, words: readonly string[], silenceMs: number) {
    this.#silenceMs = silenceMs;
    const child = spawn(program, [...words, ...SOCKETS], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // Ctrl-C is for us to act on: it is stopped when the report is written.
      detached: true,
    });
    this.#child = child;
    const lines = new Lines();
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      try {
        for (const line of lines.take(text)) this.#take(line);
      } catch (error) {
        this.#fail(error as AgentError);
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-2000);
    });
    child.stdin?.on('error', () => {});
    this.qmp = new QmpChannel(child.stdio[3] as unknown as Duplex);
    this.#ended = new Promise((resolve) => {
      child.on('close', () => {
        this.#end('died');
        resolve();
      });
      child.on('error', (error) => {
        this.#fail(new AgentError(`QEMU cannot be started: ${error.message}`));
        resolve();
      });
    });
    // Nothing of ours is to stay behind, however we end.
    const atExit = () => this.#kill();
    process.once('exit', atExit);
    void this.#ended.then(() => process.off('exit', atExit));
  }

  /** The last that it said on its standard error, fit to print. */
  get said(): string {
    const lines = this.#said.split('\n').filter((line) => line !== '');
    return shown(lines.slice(-3).join(' | '));
  }

  /** Has commands carried out, one line each. @throws AgentError where the answers are none. */
  async send(commands: readonly string[]): Promise<QtestAnswers> {
    if (this.#over instanceof AgentError) throw this.#over;
    if (this.#over !== null) return { answers: [], end: this.#over };
    if (commands.length === 0) return { answers: [], end: 'ok' };
    return new Promise((resolve, reject) => {
      this.#queue.push({ count: commands.length, answers: [], resolve, reject });
      this.#child.stdin?.write(`${commands.join('\n')}\n`, 'latin1');
      this.#watch();
    });
  }

  async stop(): Promise<void> {
    this.#end('died');
    this.#kill();
    await this.#ended;
  }

  #take(line: string): void {
    // GLib says so where an assertion fails, as if this were one of its tests; what answers is over then.
    if (line.startsWith('Bail out!')) {
      this.#said = `${this.#said}\n${line}`;
      return;
    }
    const [waiting] = this.#queue;
    if (waiting === undefined) throw new AgentError(`QEMU says over qtest, unasked, ${shown(line)}`);
    waiting.answers.push(answerOf(line));
    if (!this.#heard) this.#unwatch();
    this.#heard = true;
    this.#watch();
    if (waiting.answers.length < waiting.count) return;
    this.#queue.shift();
    waiting.resolve({ answers: waiting.answers, end: 'ok' });
    if (this.#queue.length === 0) this.#unwatch();
  }

  #watch(): void {
    this.#silent = 0;
    if (this.#timer !== null) return;
    const most = this.#heard ? this.#silenceMs : Math.max(START_MS, this.#silenceMs);
    this.#timer = setInterval(() => {
      if (++this.#silent < LISTENED) return;
      this.#end('silent');
      this.#kill();
    }, most / LISTENED);
  }

  #unwatch(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #end(how: QtestEnd): void {
    this.#unwatch();
    this.#over ??= how;
    const over = this.#over;
    for (const { answers, resolve, reject } of this.#queue.splice(0))
      if (over instanceof AgentError) reject(over);
      else resolve({ answers, end: over });
    this.qmp.end(this.said === '' ? 'QEMU has ended' : `QEMU has ended: ${this.said}`);
  }

  #fail(error: AgentError): void {
    this.#over ??= error;
    this.#end('died');
    this.#kill();
  }

  #kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }
}
