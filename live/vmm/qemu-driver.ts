import { type LineOf, parseLine } from '../../conformance/linux/lines.ts';
import { AgentError } from '../../lab/agent-error.ts';
import type { Connection } from '../../lab/guest.ts';
import type { SessionAnswer } from '../../lab/session.ts';
import type { VmmDriver, VmmHost } from './driver.ts';
import { type Cold, wordsOf } from './machine.ts';

/** No operation takes as long, nested emulation on a busy machine included. */
const OPERATION_MS = 15_000;

const QEMU = '/bin/qemu-system-aarch64';

/** QEMU in a guest of the lab, driven by qtest and QMP (lab/vmm/PROTOCOL.md). */
export class QemuDriver implements VmmDriver {
  readonly name: string;
  readonly #connect: () => Promise<Connection>;
  #connection: Connection | null = null;

  /** `connect` starts the guest, and is called anew for every restart. */
  constructor(name: string, connect: () => Promise<Connection>) {
    this.name = name;
    this.#connect = connect;
  }

  async boot(): Promise<VmmHost> {
    this.#connection = await this.#connect();
    const { hello } = this.#connection;
    // The recorder describes the machine before it starts a program, whichever that is.
    const described = await this.#channel().session(['--', QEMU, '--version'], [], OPERATION_MS);
    const lines = described.recorded.map(({ line }) => parseLine('recorder', 1, line));
    const meta = lines.find((line): line is LineOf<'meta'> => line.ev === 'meta');
    const setups = lines.filter((line): line is LineOf<'setup'> => line.ev === 'setup');
    if (meta === undefined || setups.length === 0)
      throw new AgentError(`the recorder describes no machine${saidBy(described)}`);
    const summary = `QEMU on Linux ${hello.release}, ${hello.architecture}, ${setups.length} devices that it may have`;
    const { recorder: _recorder, command: _command, ...said } = meta;
    return { meta: said, setups, summary };
  }

  async session(cold: readonly Cold[], operations: readonly string[] | null): Promise<SessionAnswer> {
    const channel = this.#channel();
    if (operations === null)
      return channel.session(['--no-hw-info', '--', '/bin/busybox', 'true'], [], OPERATION_MS);
    const sockets = [
      '-qtest',
      'unix:/run/qtest',
      '-qtest-log',
      'none',
      '-qmp',
      'unix:/run/qmp',
      '-bios',
      '/QEMU_EFI.fd',
    ];
    const words = ['--no-hw-info', '--', QEMU, ...wordsOf(cold), ...sockets];
    return channel.session(words, operations, OPERATION_MS);
  }

  async console(): Promise<string> {
    return (await this.#connection?.console()) ?? '';
  }

  async stop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.stop();
  }

  #channel() {
    if (this.#connection === null) throw new AgentError('the target was stopped');
    return this.#connection.channel;
  }
}

function saidBy({ said }: SessionAnswer): string {
  return said.length === 0 ? '' : `: ${said.join(' | ')}`;
}
