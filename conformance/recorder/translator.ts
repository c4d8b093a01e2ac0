import { vmmOf } from '../../model/world/process.ts';
import { type IntegerField, readField, writeField } from '../../spec/struct.ts';
import { VFIO_IRQ_SET } from '../../spec/vfio/constants.ts';
import { bytesOfHex, hexOfBytes } from '../hex.ts';
import { ioctlOf } from '../linux/ioctl-codec.ts';
import type { Line, LineOf } from '../linux/lines.ts';
import { Descriptors } from './descriptors.ts';

/** A line in the model's terms: which process it is of, and descriptors as the model numbers them. */
export interface Told {
  readonly line: Line;
  readonly actor: string;
  /** Nobody recorded it: it follows from what was. */
  readonly isInferred?: true;
  /** It has the sequence number of the line before it. */
  readonly sharesNumber?: true;
  /** The number that the process has for the line's descriptor. */
  readonly fd?: number;
}

/** What becomes of a recorded line. */
export type Translated = readonly Told[] | { readonly skipped: string };

const UNKNOWN = 'a descriptor whose opening is not recorded';

/** The names of processes in the model, by their rank in the recording. */
const FIRST_PROCESS = 'process';

/** A number that no descriptor has. */
const NO_FD = 0x7fff_ffff;

/** Numbers of VFIO's calls; those of iommufd come behind them. */
const FIRST_IOMMUFD_NR = 0x80;

const SET_IRQS = 0x6e;
const MAP_FILE = 0x8f;
const GROUP_GET_DEVICE_FD = 0x6a;
const IRQ_FDS = 20;

interface Process {
  readonly vm: string;
  readonly descriptors: Descriptors;
}

/**
 * Reads what `nestcheck record` wrote: descriptors have each process's own numbers, forks and passed descriptors are events of
 * their own, and what is no file of VFIO or iommufd is not there.
 */
export class Translator {
  readonly #processes = new Map<number, Process>();
  #named = 0;

  tell(line: Line): Translated {
    const { pid } = line;
    if (pid === undefined) return [{ line, actor: vmmOf(FIRST_PROCESS) }];
    const process = this.#processOf(pid);
    switch (line.ev) {
      case 'open':
        return line.ret < 0 ? this.#told(process, line) : this.#opened(process, line.ret, line);
      case 'dup':
        return this.#dup(process, line);
      case 'close':
        return this.#close(process, line);
      case 'ioctl':
        return this.#ioctl(process, line);
      case 'read':
      case 'write':
      case 'poll':
        return this.#onFile(process, line);
      case 'mmap':
        return line.fd === undefined
          ? this.#told(process, line)
          : this.#onFile(process, { ...line, fd: line.fd });
      case 'fork':
        return this.#fork(process, line.ret ?? 0, line.files === 'shared');
      case 'receive':
        return this.#receive(process, line);
      case 'found':
        return { skipped: UNKNOWN };
      case 'exit':
        return this.#exit(process, pid, line);
      default:
        return this.#told(process, line);
    }
  }

  #processOf(pid: number, descriptors?: Descriptors): Process {
    const known = this.#processes.get(pid);
    if (known !== undefined && descriptors === undefined) return known;
    this.#named++;
    const vm = this.#named === 1 ? FIRST_PROCESS : `${FIRST_PROCESS}${this.#named}`;
    const process = { vm, descriptors: descriptors ?? new Descriptors() };
    this.#processes.set(pid, process);
    return process;
  }

  #told({ vm }: Process, line: Line): readonly Told[] {
    return [{ line, actor: vmmOf(vm) }];
  }

  /** A number that is given again was closed meanwhile, in a way that is not recorded. */
  #forget(process: Process, recorded: number): readonly Told[] {
    const fd = process.descriptors.of(recorded);
    if (fd === null) return [];
    process.descriptors.remove(recorded);
    return this.#inferred(process, { ...NOTHING, ev: 'close', fd, ret: 0, errno: 0 });
  }

  #inferred({ vm }: Process, line: Line): readonly Told[] {
    return [{ line, actor: vmmOf(vm), isInferred: true }];
  }

  #opened(process: Process, recorded: number, line: LineOf<'open'>): readonly Told[] {
    const before = this.#forget(process, recorded);
    const ret = process.descriptors.add(recorded);
    return [...before, ...this.#told(process, { ...line, ret, note: noteOf(recorded, line) })];
  }

  #dup(process: Process, line: LineOf<'dup'>): Translated {
    const fd = process.descriptors.of(line.fd);
    if (fd === null) return { skipped: UNKNOWN };
    if (line.ret < 0) return this.#told(process, { ...line, fd });
    const before = this.#forget(process, line.ret);
    const ret = process.descriptors.add(line.ret);
    return [...before, ...this.#told(process, { ...line, fd, ret, note: noteOf(line.fd, line) })];
  }

  #close(process: Process, line: LineOf<'close'>): Translated {
    const fd = process.descriptors.of(line.fd);
    if (fd === null) return { skipped: UNKNOWN };
    process.descriptors.remove(line.fd);
    return this.#told(process, { ...line, fd, note: noteOf(line.fd, line) });
  }

  #onFile<L extends LineOf<'read' | 'write' | 'poll' | 'mmap'> & { readonly fd: number }>(
    process: Process,
    line: L,
  ): Translated {
    const fd = process.descriptors.of(line.fd);
    if (fd === null) return { skipped: UNKNOWN };
    return [{ line: { ...line, fd }, actor: vmmOf(process.vm), fd: line.fd }];
  }

  #ioctl(process: Process, line: LineOf<'ioctl'>): Translated {
    const fd = process.descriptors.of(line.fd);
    if (fd === null) return { skipped: UNKNOWN };
    const nr = Number(line.nr);
    const before: Told[] = [];
    const input = bytesOfHex(line.in);
    const output = bytesOfHex(line.out);
    const table = ioctlOf(line.nr, nr < FIRST_IOMMUFD_NR ? 'device' : 'iommufd');
    for (const field of Object.values(table?.fields ?? {})) {
      if ('buffer' in field) continue;
      if (field.makes === 'fd' && line.ret >= 0) this.#made(process, field, output, before);
      if (field.handle === 'iommufd' || field.handle === 'fd')
        this.#namedBy(process, field, input, output, nr === MAP_FILE, before);
    }
    if (nr === SET_IRQS) this.#eventfds(process, input, output, before);
    let { ret } = line;
    if (nr === GROUP_GET_DEVICE_FD && ret >= 0) {
      before.push(...this.#forget(process, ret));
      ret = process.descriptors.add(ret);
    }
    const told = { ...line, fd, ret, in: hexOfBytes(input), out: hexOfBytes(output) };
    return [...before, ...this.#told(process, { ...told, note: noteOf(line.fd, line) })];
  }

  /** The call gave a descriptor. */
  #made(process: Process, field: IntegerField, output: Uint8Array, before: Told[]): void {
    const recorded = Number(readField(output, field));
    before.push(...this.#forget(process, recorded));
    writeField(output, field, process.descriptors.add(recorded));
  }

  /** The call names a descriptor. That a file of memory was opened is not recorded. */
  #namedBy(
    process: Process,
    field: IntegerField,
    input: Uint8Array,
    output: Uint8Array,
    isMemory: boolean,
    before: Told[],
  ): void {
    const recorded = Number(readField(input, field));
    if (recorded < 0) return;
    const fd =
      process.descriptors.of(recorded) ??
      (isMemory ? this.#infer(process, recorded, 'memfd', before) : NO_FD);
    writeField(input, field, fd);
    writeField(output, field, fd);
  }

  #eventfds(process: Process, input: Uint8Array, output: Uint8Array, before: Told[]): void {
    const flags = Number(readField(input, { offset: 4, width: 4, direction: 'in' }));
    if ((flags & VFIO_IRQ_SET.DATA_EVENTFD) === 0) return;
    for (let offset = IRQ_FDS; offset + 4 <= input.length; offset += 4) {
      const field: IntegerField = { offset, width: 4, direction: 'in', signed: true };
      const recorded = Number(readField(input, field));
      if (recorded < 0) continue;
      const fd = process.descriptors.of(recorded) ?? this.#infer(process, recorded, 'eventfd', before);
      writeField(input, field, fd);
      writeField(output, field, fd);
    }
  }

  #infer(process: Process, recorded: number, path: string, before: Told[]): number {
    const ret = process.descriptors.add(recorded);
    before.push(...this.#inferred(process, { ...NOTHING, ev: 'open', path, ret, errno: 0 }));
    return ret;
  }

  #fork(parent: Process, pid: number, shared: boolean): readonly Told[] {
    if (shared) {
      parent.descriptors.users++;
      this.#processes.set(pid, parent);
      return [];
    }
    const child = this.#processOf(pid, new Descriptors());
    return parent.descriptors.all().flatMap(([recorded, fd]) => {
      const ret = child.descriptors.add(recorded);
      return this.#inferred(parent, {
        ...NOTHING,
        ev: 'pass',
        fd,
        to: child.vm,
        ret,
        errno: 0,
        note: 'fork()',
      });
    });
  }

  #receive(process: Process, line: LineOf<'receive'>): Translated {
    const from = line.from_pid === undefined ? undefined : this.#processes.get(line.from_pid);
    const fd = from?.descriptors.of(line.from_fd ?? -1) ?? null;
    if (from === undefined || fd === null) return { skipped: UNKNOWN };
    const before = this.#forget(process, line.fd);
    const ret = process.descriptors.add(line.fd);
    const { vm: to } = process;
    const passed = this.#told(from, { ...NOTHING, ev: 'pass', fd, to, ret, errno: 0, note: 'received' });
    return [...before, ...passed];
  }

  #exit(process: Process, pid: number, line: Line): readonly Told[] {
    this.#processes.delete(pid);
    process.descriptors.users--;
    return process.descriptors.users > 0 ? [] : this.#told(process, line);
  }
}

const NOTHING = { seq: 0, section: '' } as const;

/** Which descriptor it was, for a report's reader. */
function noteOf(fd: number, { pid, note }: Line): string {
  const which = `fd ${fd} of process ${pid}`;
  return note === undefined ? which : `${which}, ${note.slice(0, 900)}`;
}
