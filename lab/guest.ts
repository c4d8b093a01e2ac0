import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { AgentError } from './agent-error.ts';
import { AgentChannel, type Hello } from './channel.ts';
import { type GuestHardware, type LabMachine, qemuArguments } from './machine.ts';
import type { LabPlaces } from './places.ts';

/** A guest that runs, or any other machine whose agent one speaks to. */
export interface Connection {
  readonly channel: AgentChannel;
  readonly hello: Hello;
  /** What its kernel has said on the console until now; empty where there is none to read. */
  console(): Promise<string>;
  stop(): Promise<void>;
}

export interface GuestOptions extends GuestHardware {
  readonly places: LabPlaces;
  readonly machine: LabMachine;
  readonly kernel: string;
  readonly initramfs: string;
  /** Tells guests that run at the same time apart. */
  readonly name: string;
}

/** A guest under TCG takes ten seconds; with a sanitizer, and on a busy machine, many times that. */
const BOOT_MS = 180_000;

/** Starts a guest, and waits until its agent greets. @throws AgentError with the console's last lines where it does not. */
export async function bootGuest(options: GuestOptions): Promise<Connection> {
  const { places, machine, kernel, initramfs, name } = options;
  await mkdir(places.runs, { recursive: true });
  const console = join(places.runs, `${name}.console`);
  const files = { firmware: places.firmware, kernel, initramfs, console };
  const child = spawn(places.qemu, qemuArguments(machine, files, options), {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for us to act on: the guest is stopped when the report is written.
    detached: true,
  });
  // It never idles under -icount: others go first.
  if (child.pid !== undefined) setPriority(child.pid, 10);
  const readConsole = () => readFile(console, 'latin1').catch(() => '');
  const connection = connect(child, readConsole);
  return greeted(connection, BOOT_MS, readConsole);
}

/** Runs a command whose standard input and output lead to an agent. */
export async function connectCommand(command: string, timeoutMs: number): Promise<Connection> {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  return greeted(
    connect(child, async () => ''),
    timeoutMs,
    async () => '',
  );
}

interface Connecting {
  readonly channel: AgentChannel;
  readonly stop: () => Promise<void>;
  readonly complaint: () => string;
  readonly console: () => Promise<string>;
}

function connect(child: ChildProcess, console: () => Promise<string>): Connecting {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('spawned without pipes');
  const channel = new AgentChannel(stdout, stdin);
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  child.on('error', (error) => channel.fail(`it cannot be started: ${error.message}`));
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    channel.fail('the target was stopped');
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      // The whole group of processes: a shell's child as well.
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    }
    await ended;
  };
  // Nothing of ours is to stay behind, however we end.
  const atExit = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  process.once('exit', atExit);
  void ended.then(() => process.off('exit', atExit));
  return { channel, stop, complaint: () => complaint, console };
}

async function greeted(
  { channel, stop, complaint, console }: Connecting,
  timeoutMs: number,
  readConsole: () => Promise<string>,
): Promise<Connection> {
  const late = setTimeout(() => channel.fail(`no agent greets within ${timeoutMs / 1000} s`), timeoutMs);
  try {
    const hello = await channel.greeting();
    return { channel, hello, console, stop };
  } catch (error) {
    await stop();
    const said = [complaint(), (await readConsole()).split('\n').slice(-5).join(' | ')].join(' ').trim();
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError(
      said === '' ? reason : `${reason}; the last that it said: ${said.replaceAll(/[^\x20-\x7e]+/g, ' ')}`,
    );
  } finally {
    clearTimeout(late);
  }
}
