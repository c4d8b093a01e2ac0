import type { Duplex } from 'node:stream';
import { AgentError, shown } from '../agent-error.ts';
import { Lines } from './lines.ts';

/** A message of QMP: the greeting, an answer or an event. */
type Message = Readonly<Record<string, unknown>>;

/** How long an answer may take. */
const ANSWER_MS = 20_000;

interface Waiting {
  readonly is: (message: Message) => boolean;
  readonly resolve: (message: Message) => void;
  readonly reject: (error: AgentError) => void;
}

/** QEMU's control channel. */
export class QmpChannel {
  readonly #stream: Duplex;
  readonly #waiting: Waiting[] = [];
  #over: AgentError | null = null;
  #greeted: Promise<void> | null = null;
  #version = 'of no version that it says';

  constructor(stream: Duplex) {
    this.#stream = stream;
    const lines = new Lines();
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      try {
        for (const line of lines.take(text)) this.#take(line);
      } catch (error) {
        this.#fail(error as AgentError);
      }
    });
    stream.on('error', () => this.end('QEMU has ended'));
  }

  /** The version of QEMU, as it greets with it. @throws AgentError */
  async version(): Promise<string> {
    await this.#begin();
    return this.#version;
  }

  /** Resets the machine; it is over when this returns. @throws AgentError */
  async systemReset(): Promise<void> {
    await this.#begin();
    // The answer comes before the reset, the event behind it.
    const over = this.#next((message) => message.event === 'RESET');
    this.#stream.write('{"execute":"system_reset"}\n');
    await over;
  }

  /** Everything that is waited for fails with this. */
  end(why: string): void {
    this.#fail(new AgentError(why));
  }

  #begin(): Promise<void> {
    this.#greeted ??= (async () => {
      const ready = this.#next((message) => 'return' in message);
      this.#stream.write('{"execute":"qmp_capabilities"}\n');
      await ready;
    })();
    return this.#greeted;
  }

  async #next(is: Waiting['is']): Promise<Message> {
    if (this.#over !== null) throw this.#over;
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => this.end(`QEMU does not answer over QMP within ${ANSWER_MS / 1000} s`),
        ANSWER_MS,
      );
      const clear = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(late);
          then(value);
        };
      };
      this.#waiting.push({ is, resolve: clear(resolve), reject: clear(reject) });
    });
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      throw new AgentError(`QEMU says over QMP ${shown(line)}`);
    }
    if (typeof message !== 'object' || message === null)
      throw new AgentError(`QEMU says over QMP ${shown(line)}`);
    const answer = message as Message;
    if ('QMP' in answer) this.#version = versionIn(answer);
    if ('error' in answer) throw new AgentError(`QEMU refuses over QMP: ${shown(line)}`);
    const at = this.#waiting.findIndex(({ is }) => is(answer));
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(answer);
  }

  #fail(error: AgentError): void {
    this.#over ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
  }
}

function versionIn({ QMP }: Message): string {
  const { version } = QMP as { readonly version?: { readonly qemu?: Readonly<Record<string, unknown>> } };
  const { major, minor, micro } = version?.qemu ?? {};
  return [major, minor, micro].map(String).join('.');
}
