import type { Readable, Writable } from 'node:stream';
import { AgentError, shown } from './agent-error.ts';
import { parseSession, type SessionAnswer } from './session.ts';

/** How an operation of a batch went. */
export type OperationAnswer =
  | {
      readonly kind: 'done';
      readonly ret: number;
      readonly errno: number;
      /** What it read, or the struct after the call; hex. */
      readonly out: string;
      /** The buffers that the struct points at, after the call; hex. */
      readonly buffers: readonly string[];
      /** When an operation of a thread began and ended, in ticks of a clock that only counts. */
      readonly ticks?: Ticks;
    }
  /** The agent does not do this. */
  | { readonly kind: 'refused' }
  /** It had not returned when the batch was ended. */
  | { readonly kind: 'unfinished' }
  /** Its thread had not come to it when the batch was ended. */
  | { readonly kind: 'unbegun' };

/** Two operations overlapped where neither had ended before the other began. */
export interface Ticks {
  readonly began: number;
  readonly ended: number;
}

/** How a batch ended: `stuck` where a call cannot be ended even by killing its process. */
export type BatchEnd = 'ok' | 'timeout' | 'stuck' | 'died' | 'full';

export interface BatchAnswer {
  readonly answers: readonly OperationAnswer[];
  readonly end: BatchEnd;
  /** Open files of the whole machine after the batch; -1 where it does not say. */
  readonly files: number;
}

/** What the agent says of a device that it was given. */
export interface AgentDevice {
  readonly bdf: string;
  readonly group: number;
  readonly cdev: string | null;
  /** The IOMMU in front of it, as sysfs names it. */
  readonly iommu: string | null;
  /** The PCIe-to-PCI bridge that it is behind. */
  readonly bridge: string | null;
  /** QEMU's `edu`: does DMA and raises its MSI on command. */
  readonly edu: boolean;
  readonly resets: boolean;
  readonly configSize: number;
  readonly msiVectors: number;
  readonly bar0Size: number;
}

export interface Hello {
  readonly architecture: string;
  readonly release: string;
  readonly pageSize: number;
  readonly devices: readonly AgentDevice[];
}

interface Waiting {
  readonly expects: 'hello' | 'batch' | 'iort' | 'session';
  readonly lines: string[];
  readonly resolve: (lines: readonly string[]) => void;
  readonly reject: (error: AgentError) => void;
}

/** Longest line that an agent may say: more is garbage, not kept. */
const MOST_CHARACTERS = 1 << 20;

/** Speaks to an agent over two streams. Requests are answered in order, and may be sent before earlier answers came. */
export class AgentChannel {
  readonly #write: Writable;
  readonly #queue: Waiting[] = [];
  #partial = '';
  #failure: AgentError | null = null;
  #batches = 0;
  /** When something was last heard, by the caller's clock. */
  #heard = performance.now();

  constructor(read: Readable, write: Writable) {
    this.#write = write;
    read.setEncoding('latin1');
    read.on('data', (text: string) => this.#take(text));
    read.on('end', () => this.fail('the agent has ended'));
    read.on('error', () => this.fail('the agent has ended'));
    write.on('error', () => this.fail('the agent does not listen any more'));
  }

  /** Milliseconds since the agent last said anything. */
  get silence(): number {
    return performance.now() - this.#heard;
  }

  /**
   * What an agent says by itself when it begins. Nothing is to be sent to a guest before: what reaches its port while nobody
   * there has it open is lost.
   */
  async greeting(): Promise<Hello> {
    return parseHello(await this.#request('hello', ''));
  }

  async hello(): Promise<Hello> {
    return parseHello(await this.#request('hello', 'hello\n'));
  }

  /** The machine's IORT; null where it has none. */
  async iort(): Promise<Uint8Array | null> {
    const [line = ''] = await this.#request('iort', 'iort\n');
    const hex = line.slice('iort '.length);
    return /^([0-9a-f]{2})+$/.test(hex) ? Uint8Array.from(Buffer.from(hex, 'hex')) : null;
  }

  /** Has operations carried out, one line each, in a process of their own. */
  async batch(operations: readonly string[], timeoutMs: number): Promise<BatchAnswer> {
    const id = ++this.#batches;
    const text = `batch ${id} ${operations.length} ${timeoutMs}\n${operations.join('\n')}${operations.length > 0 ? '\n' : ''}`;
    return parseBatch(await this.#request('batch', text), id, operations);
  }

  /**
   * Has a VMM started under the recorder, by these words of its command line, and told what guest and operator do, one
   * operation a line (lab/vmm/PROTOCOL.md).
   */
  async session(
    words: readonly string[],
    operations: readonly string[],
    timeoutMs: number,
  ): Promise<SessionAnswer> {
    const id = ++this.#batches;
    const lines = [...words.map((word) => `word ${word}`), ...operations];
    const text = `session ${id} ${lines.length} ${timeoutMs}\n${lines.map((line) => `${line}\n`).join('')}`;
    return parseSession(await this.#request('session', text), id);
  }

  /** All that waits fails with this, and so does what is asked later. */
  fail(reason: string): void {
    this.#failure ??= new AgentError(reason);
    for (const { reject } of this.#queue.splice(0)) reject(this.#failure);
  }

  #request(expects: Waiting['expects'], text: string): Promise<readonly string[]> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) this.#heard = performance.now();
      this.#queue.push({ expects, lines: [], resolve, reject });
      this.#write.write(text);
    });
  }

  #take(text: string): void {
    this.#heard = performance.now();
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    if (this.#partial.length > MOST_CHARACTERS) this.fail('the agent says a line without end');
    for (const line of lines) this.#takeLine(line.replace(/\r$/, ''));
  }

  #takeLine(line: string): void {
    const waiting = this.#queue[0];
    if (waiting === undefined) {
      // An agent says who it is before it is asked.
      if (!/^(hello |device |ready$)/.test(line))
        this.fail(`the agent says what nobody asked: ${shown(line)}`);
      return;
    }
    if (line.startsWith('bad ')) {
      this.fail(`the agent does not understand: ${shown(line.slice(4))}`);
      return;
    }
    const isWork = waiting.expects === 'batch' || waiting.expects === 'session';
    if (isWork && waiting.lines.length === 0 && /^(hello |device |ready$)/.test(line)) return;
    waiting.lines.push(line);
    const last = { hello: 'ready', batch: 'end ', iort: 'iort ', session: 'end ' }[waiting.expects];
    if (waiting.lines.length > 100_000) this.fail('the agent answers without end');
    if (!line.startsWith(last)) return;
    this.#queue.shift();
    waiting.resolve(waiting.lines);
  }
}

function parseHello(lines: readonly string[]): Hello {
  const first = lines.findIndex((line) => line.startsWith('hello '));
  const head = /^hello nestcheck-(?:agent|vmm-driver)\/1 arch=(\S+) release=(\S+) page=(\d+)$/.exec(
    lines[first] ?? '',
  );
  if (head === null) throw new AgentError(`the agent greets with ${shown(lines[first] ?? lines[0] ?? '')}`);
  const [, architecture = '', release = '', page = ''] = head;
  const devices = lines.slice(first + 1, -1).map(parseDevice);
  return { architecture, release, pageSize: Number(page), devices };
}

const DEVICE =
  /^device ([0-9a-f:.]{12}) group=(-?\d+) cdev=(\S+) iommu=(\S+) bridge=(\S+) edu=([01]) resets=([01]) config=(\d+) msi=(\d+) bar0=(\d+)$/;

function parseDevice(line: string): AgentDevice {
  const parts = DEVICE.exec(line);
  if (parts === null) throw new AgentError(`the agent describes a device as ${shown(line)}`);
  const [, bdf = '', group, cdev = '', iommu = '', bridge = '', edu, resets, config, msi, bar0] = parts;
  const orNull = (text: string) => (text === '-' ? null : text);
  return {
    bdf,
    group: Number(group),
    cdev: orNull(cdev),
    iommu: orNull(iommu),
    bridge: orNull(bridge),
    edu: edu === '1',
    resets: resets === '1',
    configSize: Number(config),
    msiVectors: Number(msi),
    bar0Size: Number(bar0),
  };
}

const ANSWER =
  /^a (\d+) (?:(refused|unfinished)|(-?\d+) (\d+) (-|[0-9a-f]+)((?: b (?:-|[0-9a-f]+))*)(?: @(\d{1,9})-(\d{1,9}))?)$/;

function parseBatch(lines: readonly string[], id: number, operations: readonly string[]): BatchAnswer {
  const wrong = (line: string) => new AgentError(`the agent answers a batch with ${shown(line)}`);
  if (lines[0] !== `answer ${id}`) throw wrong(lines[0] ?? '');
  const answers: OperationAnswer[] = [];
  const clock = new Clock();
  for (const line of lines.slice(1, -1)) {
    const parts = ANSWER.exec(line);
    const index = Number(parts?.[1]);
    // Only threads of one stretch do not wait for each other.
    while (answers.length < index && threadOf(operations[answers.length]) !== null)
      answers.push({ kind: 'unbegun' });
    if (parts === null || index !== answers.length || index >= operations.length) throw wrong(line);
    const [, , other, ret, errno, out = '-', buffers = '', began, ended] = parts;
    if (other === 'refused' || other === 'unfinished') {
      answers.push({ kind: other });
      continue;
    }
    const ticks = began === undefined ? null : { began: Number(began), ended: Number(ended) };
    if (!clock.goes(threadOf(operations[index]), ticks)) throw wrong(line);
    const hex = (text: string) => (text === '-' ? '' : text);
    answers.push({
      kind: 'done',
      ret: Number(ret),
      errno: Number(errno),
      out: hex(out),
      buffers: buffers.split(' b ').slice(1).map(hex),
      ...(ticks === null ? {} : { ticks }),
    });
  }
  const last = lines.at(-1) ?? '';
  const end = /^end (\d+) (ok|timeout|stuck|died|full) files=(-?\d+)$/.exec(last);
  if (end === null || Number(end[1]) !== id) throw wrong(last);
  if (
    end[2] === 'ok' &&
    (answers.length !== operations.length || answers.some(({ kind }) => kind === 'unbegun'))
  )
    throw wrong(last);
  return { answers, end: end[2] as BatchEnd, files: Number(end[3]) };
}

/** The thread that an operation is marked for; null: none. */
function threadOf(operation: string | undefined): string | null {
  return /^&(\d)/.exec(operation ?? '')?.[1] ?? null;
}

/** The clock of a batch: no tick twice, and none back within a thread. */
class Clock {
  readonly #seen = new Set<number>();
  readonly #last = new Map<string, number>();

  /** Whether an answer of a thread (null: of none) can have these ticks (null: it has none). */
  goes(thread: string | null, ticks: Ticks | null): boolean {
    if (thread === null || ticks === null) return thread === null && ticks === null;
    const { began, ended } = ticks;
    if (ended <= began || began <= (this.#last.get(thread) ?? 0)) return false;
    if (this.#seen.has(began) || this.#seen.has(ended)) return false;
    this.#seen.add(began).add(ended);
    this.#last.set(thread, ended);
    return true;
  }
}
