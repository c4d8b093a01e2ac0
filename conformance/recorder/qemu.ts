import type { Line as KernelLine } from '../linux/lines.ts';
import type { Line, LineOf, OwnLine } from '../vmm/lines.ts';
import { hexOf, type PlacedRegister, registerAt, widthOf } from './qemu-places.ts';
import { isAddressed, isTrace, type Numbered, type Placed, TracedInputs } from './qemu-traces.ts';

/*
 * What QEMU says of its guest, in the lines of a recording of a VMM: the log of qtest, which has each access before it is
 * carried out, or the traces of a guest that runs (qemu-traces.ts), and the traces of QMP.
 */

/** Where QEMU's `virt` machine has its configuration space and its memory. */
const ECAM = 0x40_1000_0000n;
const ECAM_BYTES = 1n << 28n;
const RAM = 0x4000_0000n;
const RAM_END = 1n << 38n;

/** Registers of `edu`, QEMU's device that does DMA when it is told to, in its first BAR of 1 MiB. */
const EDU = { source: 0x80n, destination: 0x88n, length: 0x90n, command: 0x98n } as const;
const EDU_BYTES = 0x10_0000n;
const EDU_START = 1n;
const EDU_TO_MEMORY = 2n;

const WIDTHS: Readonly<Record<string, number>> = { b: 1, w: 2, l: 4, q: 8 };

const COMMON = { seq: 0, section: '' } as const;

/** Whether it is QEMU with a vSMMU whose translation is the host's. */
export function isQemu(command: readonly string[]): boolean {
  return command.some((word) => /^arm-smmuv3,.*accel=on/.test(word));
}

/** A text with a number of any base that C reads; null: it is none. */
function numberOf(text: string | undefined): bigint | null {
  return text !== undefined && /^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text) ? BigInt(text) : null;
}

/** A line of qtest's log: with those, all that the guest did is known. */
const QTEST = /^\[R /;

/** What must be known of a recording of `nestcheck record` before its lines are told. */
export class QemuSurvey {
  #command: readonly string[] = [];
  #isLogged = false;
  #isTraced = false;
  #isAddressed = false;

  noteCommand(command: readonly string[]): void {
    this.#command = command;
  }

  noteSaid(text: string): void {
    this.#isLogged ||= QTEST.test(text);
    this.#isTraced ||= isTrace(text);
    this.#isAddressed ||= isAddressed(text);
  }

  /** QEMU's own line of how the machine was started. */
  get start(): LineOf<'start'> {
    const args = this.#command.slice(1).join(' ');
    return { ...COMMON, ev: 'start', args, ...(this.#isByTraces ? { unseen: true } : {}) };
  }

  /** Whether DMA of the guest's devices is known: qtest's log has it. */
  get tellsDma(): boolean {
    return this.#isLogged;
  }

  get #isByTraces(): boolean {
    return !this.#isLogged && this.#isTraced;
  }

  /** How lines of the recording are told: of QEMU's guest and of its calls. */
  teller(path: string): QemuTeller {
    const smmus = this.#command.filter((word) => word.startsWith('arm-smmuv3,')).length;
    const traced = this.#isByTraces ? new TracedInputs({ path, smmus, addressed: this.#isAddressed }) : null;
    return new QemuTeller(new QemuLines(this.start), traced);
  }
}

/** Turns the lines of `nestcheck record`, one after the other, into those of a recording of a VMM. */
export class QemuTeller {
  readonly #lines: QemuLines;
  readonly #traced: TracedInputs | null;

  constructor(lines: QemuLines, traced: TracedInputs | null) {
    this.#lines = lines;
    this.#traced = traced;
  }

  tell(line: KernelLine, number: number): readonly Numbered<Line>[] {
    if (this.#traced === null) return this.#told({ line, number, inputs: [] });
    return this.#traced.tell(line, number).flatMap((placed) => this.#told(placed));
  }

  end(): readonly Numbered<Line>[] {
    return this.#traced?.end().flatMap((placed) => this.#told(placed)) ?? [];
  }

  #told({ line, number, inputs }: Placed): readonly Numbered<Line>[] {
    return [...inputs, ...this.#lines.tell(line).map((told) => ({ line: told, number }))];
  }
}

class QemuLines {
  readonly #start: OwnLine;
  /** The register that was asked for last, and is yet to be told. */
  #asked: PlacedRegister | null = null;
  /** Registers of devices that do DMA, by BAR and offset. */
  readonly #edu = new Map<string, bigint>();

  constructor(start: OwnLine) {
    this.#start = start;
  }

  tell(line: KernelLine): readonly Line[] {
    if (line.ev === 'meta' && line.command !== undefined) return [line, this.#start];
    if (line.ev === 'said') return this.#said(line.text);
    // Of VMMs there are no lines about memory of the process, nor of devices but by their registers.
    return line.ev === 'transfer' ? [] : [line];
  }

  #said(text: string): readonly OwnLine[] {
    const asked = /^\[R [^\]]*\] ?(.*)$/.exec(text);
    if (asked !== null) return this.#qtest((asked[1] ?? '').trim().split(/\s+/));
    const answered = /^\[S [^\]]*\] ?OK(?: (\S+))?/.exec(text);
    if (answered !== null) return this.#answered(numberOf(answered[1]));
    const qmp = /^(handle_qmp_command|monitor_qmp_respond) mon \S+ (?:req|resp): (.*)$/s.exec(text);
    return qmp === null ? [] : qmpOf(qmp[1] === 'handle_qmp_command', qmp[2] ?? '');
  }

  #answered(value: bigint | null): readonly OwnLine[] {
    const asked = this.#asked;
    this.#asked = null;
    if (asked === null || value === null) return [];
    return [{ ...COMMON, ev: 'guest-read', ...asked, val: hexOf(value) }];
  }

  #qtest([command = '', first, second, third]: readonly string[]): readonly OwnLine[] {
    this.#asked = null;
    const address = numberOf(first);
    if (address === null) return [];
    const access = /^(read|write)([bwlq])$/.exec(command);
    if (access !== null) {
      const width = WIDTHS[access[2] ?? ''] ?? 4;
      const value = numberOf(second);
      if (access[1] === 'read') this.#asked = registerAt(address);
      return access[1] === 'read' || value === null ? [] : this.#write(address, value, width);
    }
    if (command === 'write' && third?.startsWith('0x') === true && isRam(address))
      return [{ ...COMMON, ev: 'guest-store', pa: hexOf(address), hex: third.slice(2).toLowerCase() }];
    const [length, byte] = [numberOf(second), numberOf(third)];
    if (command === 'memset' && length !== null && byte !== null && isRam(address))
      return [{ ...COMMON, ev: 'guest-store', pa: hexOf(address), len: Number(length), byte: Number(byte) }];
    return [];
  }

  #write(address: bigint, value: bigint, width: number): readonly OwnLine[] {
    const register = registerAt(address);
    if (register !== null)
      return [
        {
          ...COMMON,
          ev: 'guest-write',
          ...register,
          val: hexOf(value),
          ...widthOf(register.reg, width),
        },
      ];
    if (address >= ECAM && address < ECAM + ECAM_BYTES)
      return [
        {
          ...COMMON,
          ev: 'guest-config',
          ...placeOf(address - ECAM),
          val: hexOf(value),
          len: Math.min(width, 4),
        },
      ];
    if (isRam(address)) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value, true);
      return [
        {
          ...COMMON,
          ev: 'guest-store',
          pa: hexOf(address),
          hex: Buffer.from(bytes.subarray(0, width)).toString('hex'),
        },
      ];
    }
    return this.#device(address, value);
  }

  /** A device's register: the one that starts DMA is what matters. */
  #device(address: bigint, value: bigint): readonly OwnLine[] {
    const offset = address % EDU_BYTES;
    const bar = address - offset;
    this.#edu.set(`${bar} ${offset}`, value);
    if (offset !== EDU.command || (value & EDU_START) === 0n) return [];
    const register = (which: bigint): bigint => this.#edu.get(`${bar} ${which}`) ?? 0n;
    const toMemory = (value & EDU_TO_MEMORY) !== 0n;
    return [
      {
        ...COMMON,
        ev: 'transfer',
        bar: hexOf(bar),
        dir: toMemory ? 'to-mem' : 'from-mem',
        iova: hexOf(register(toMemory ? EDU.destination : EDU.source)),
        len: Number(register(EDU.length)),
      },
    ];
  }
}

function isRam(address: bigint): boolean {
  return address >= RAM && address < RAM_END;
}

/** Which function's configuration space, and where in it. */
function placeOf(offset: bigint): { readonly bdf: string; readonly off: number } {
  const function_ = Number(offset >> 12n);
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  const bdf = `${two(function_ >> 8)}:${two((function_ >> 3) & 0x1f)}.${function_ & 7}`;
  return { bdf, off: Number(offset & 0xfffn) };
}

function qmpOf(isAsked: boolean, text: string): readonly OwnLine[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof json !== 'object' || json === null) return [];
  if (!isAsked) return [{ ...COMMON, ev: 'qmp-reply', r: [json as Record<string, unknown>] }];
  const { execute, arguments: args } = json as { execute?: unknown; arguments?: unknown };
  if (typeof execute !== 'string') return [];
  const given =
    typeof args === 'object' && args !== null ? { arguments: args as Record<string, unknown> } : {};
  return [{ ...COMMON, ev: 'qmp', cmd: { execute: execute.slice(0, 100), ...given } }];
}
