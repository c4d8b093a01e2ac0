import { InputError } from '../input-error.ts';
import type { Line as KernelLine } from '../linux/lines.ts';
import type { OwnLine } from '../vmm/lines.ts';
import { GuestTables } from './qemu-guest.ts';
import { FIRST_SMMU, hexOf, type PlacedRegister, registerAt, widthOf } from './qemu-places.ts';

/*
 * A guest's accesses by QEMU's traces, where no log of qtest has them. A trace of an access to a vSMMU (`smmuv3_write_mmio`) comes when it
 * has been carried out, by the thread that did it: what that thread traced and called meanwhile follows from it. The access
 * is put before that, with what QEMU read of the guest's memory in the course of it.
 */

/** A line of a recording, and which of the file it is from. */
export interface Numbered<L> {
  readonly line: L;
  readonly number: number;
}

/** An access to a register, with all that its thread did in the course of it. */
interface Access {
  readonly register: PlacedRegister;
  readonly value: bigint;
  readonly bytes: number;
  readonly inner: readonly KernelLine[];
  readonly number: number;
}

const COMMON = { seq: 0, section: '' } as const;

const WRITTEN = /^smmuv3_write_mmio addr: (0x[0-9a-f]+) val:(0x[0-9a-f]+) size: 0x([0-9a-f]+)/;
const READ = /^smmuv3_read_mmio addr: (0x[0-9a-f]+) val:(0x[0-9a-f]+) size: /;
const BEGINS = /^memory_region_ops_write cpu -?\d+ mr \S+ addr (0x[0-9a-f]+) .* name 'arm-smmuv3'/;
const HAS_READ =
  /^memory_region_ops_read cpu -?\d+ mr \S+ addr (0x[0-9a-f]+) value (0x[0-9a-f]+) .* name 'arm-smmuv3'/;
const CONFIGURED = /^pci_cfg_write \S+ ([0-9a-f]{2}):([0-9a-f]{2})\.([0-7]) @0x([0-9a-f]+) <- (0x[0-9a-f]+)/;
/** What a thread does in the course of an access begins with one of these, or with a call. */
const OF_AN_ACCESS =
  /^(smmuv3_(cmdq|accel|find|get|range|unhandled|config|write_gerror|trigger)|smmu_config)/;
const CONSUMES = /^smmuv3_cmdq_consume /;
const RESET = 'smmu_reset_exit';

/** The calls that QEMU makes for a write to a register which issues no commands: VFIO_DEVICE_ATTACH_IOMMUFD_PT, IOMMU_VEVENTQ_ALLOC. */
const CALL_OF: Readonly<Record<string, number>> = { GBPA: 0x77, CR0: 0x93 };
const CALLS_OF_REGISTERS: ReadonlySet<number> = new Set(Object.values(CALL_OF));

/** What is known of a recording before its lines are told. */
export interface TracedBy {
  /** What it is called where something is wrong with it. */
  readonly path: string;
  /** How many SMMUv3 the machine has; of more than one, only an access whose address was traced is known to be of one. */
  readonly smmus: number;
  /** Whether reads are traced with their addresses (`memory_region_ops_read`). */
  readonly addressed: boolean;
}

/** Lines that are held back for an access that is not told of yet: the longest that any was seen to take is below 100. */
export const MOST_HELD = 32_768;

/** How many remain of them when there are too many. */
const LEFT = 24_576;

/** Whether a text is of an access of the guest's by which others can be placed. */
export function isTrace(text: string): boolean {
  return WRITTEN.test(text);
}

/** Whether a text has the address of a read. */
export function isAddressed(text: string): boolean {
  return HAS_READ.test(text);
}

interface Held {
  /** What the guest did before the line. */
  inputs: Numbered<OwnLine>[];
  readonly line: KernelLine;
  readonly number: number;
}

/** A line, and what the guest did before it. */
export type Placed = Readonly<Held>;

/**
 * What a guest did, put before the lines that follow from it. A line is let go when no access can still be put before it: no
 * thread is in the course of one that began there.
 */
export class TracedInputs {
  readonly #of: TracedBy;
  readonly #tables = new GuestTables();
  readonly #resets: Resets;
  /** Threads that may be in the course of an access. */
  readonly #threads = new Map<number, Thread>();
  #held: Held[] = [];
  /** The rank of the first line that is held. */
  #base = 0;

  constructor(of: TracedBy) {
    this.#of = of;
    this.#resets = new Resets(of.smmus);
  }

  /** Takes a line; the lines that are settled by it. */
  tell(line: KernelLine, number: number): readonly Placed[] {
    const at = this.#base + this.#held.length;
    this.#held.push({ inputs: [], line, number });
    const tid = line.tid ?? 0;
    const thread = this.#threads.get(tid) ?? new Thread();
    this.#note(thread, line, at, number);
    if (thread.since === null) this.#threads.delete(tid);
    else this.#threads.set(tid, thread);
    return this.#settled();
  }

  /** The lines that are left. */
  end(): readonly Placed[] {
    return this.#release(this.#held.length);
  }

  #settled(): readonly Placed[] {
    let until = this.#base + this.#held.length;
    for (const { since } of this.#threads.values()) if (since !== null && since < until) until = since;
    if (this.#base + this.#held.length - until <= MOST_HELD) return this.#release(until - this.#base);
    const released = this.#release(this.#held.length - LEFT);
    for (const thread of this.#threads.values()) thread.forget(this.#base);
    return released;
  }

  #release(count: number): readonly Placed[] {
    this.#base += count;
    return this.#held.splice(0, count);
  }

  #put(at: number, number: number, told: readonly OwnLine[]): void {
    const held = this.#held[at - this.#base];
    for (const line of told) held?.inputs.push({ line, number });
  }

  #note(thread: Thread, line: KernelLine, at: number, number: number): void {
    if (line.ev !== 'said') {
      if (line.ev === 'ioctl' || line.ev === 'close') thread.note(at, line);
      else thread.rest();
      return;
    }
    const { smmus, addressed } = this.#of;
    const begins = BEGINS.exec(line.text);
    if (begins !== null) {
      thread.begin(at, BigInt(begins[1] ?? 0));
      return;
    }
    const written = WRITTEN.exec(line.text);
    if (written !== null) {
      this.#written(thread, written, at, number);
      thread.rest();
      return;
    }
    const config = CONFIGURED.exec(line.text);
    const read = HAS_READ.exec(line.text) ?? (addressed || smmus !== 1 ? null : READ.exec(line.text));
    if (config !== null) this.#put(at, number, [configLine(config)]);
    else if (read !== null) this.#put(at, number, readLine(read, addressed));
    else if (line.text.startsWith(RESET)) this.#put(at, number, this.#resets.told());
    else if (OF_AN_ACCESS.test(line.text)) {
      thread.note(at, line);
      return;
    } else if (line.text.startsWith('handle_qmp_command ')) this.#resets.asked(line.text);
    if (read === null) thread.rest();
  }

  #written(thread: Thread, written: RegExpExecArray, at: number, number: number): void {
    const [, offset = '0', value = '0', bytes = '8'] = written;
    const { smmus, path } = this.#of;
    const register = registerAt(thread.address ?? (smmus === 1 ? FIRST_SMMU + BigInt(offset) : -1n));
    if (register === null) return;
    if (thread.isLost)
      throw new InputError(
        path,
        number,
        `expected an access to a register to be told of within ${MOST_HELD} lines of its beginning`,
      );
    const { first, inner } = thread.courseOf(register.reg, at);
    const access = { register, value: BigInt(value), bytes: Number.parseInt(bytes, 16), inner, number };
    this.#put(first, number, [...this.#tables.seenBy(access), writeLine(access)]);
  }
}

/** What a thread of QEMU's is about. */
class Thread {
  address: bigint | null = null;
  /** Whether the beginning of what it is about was let go. */
  isLost = false;
  #inner: { readonly at: number; readonly line: KernelLine }[] = [];
  #began: number | null = null;
  #consumes = false;

  /** The rank of the first line that may be of an access which is not told of yet; null: there is none. */
  get since(): number | null {
    return this.#began ?? this.#inner[0]?.at ?? (this.isLost ? Number.POSITIVE_INFINITY : null);
  }

  /** What of it belongs to an access to a register that is told now, at `at`, and the rank of the first line of that. */
  courseOf(reg: string, at: number): { readonly first: number; readonly inner: readonly KernelLine[] } {
    const isKnown = this.#began !== null || this.#consumes;
    const inner = isKnown ? this.#inner : this.#inner.slice(this.#beginning(reg));
    return { first: this.#began ?? inner[0]?.at ?? at, inner: inner.map(({ line }) => line) };
  }

  /** Where nothing says when an access began: registers that issue no commands make one kind of call. */
  #beginning(reg: string): number {
    const nr = CALL_OF[reg];
    let from = this.#inner.length;
    for (let before = this.#inner[from - 1]; before !== undefined; before = this.#inner[--from - 1])
      if (before.line.ev !== 'ioctl' || Number(before.line.nr) !== nr) break;
    return from;
  }

  begin(at: number, address: bigint): void {
    this.rest();
    this.#began = at;
    this.address = address;
  }

  /**
   * Commands are told of as they are consumed, from there on all is of the access. What the thread did before, such as an unplug, it
   * did for other reasons: only a run of the calls that a register makes may be of one.
   */
  note(at: number, line: KernelLine): void {
    const isWithin = this.#began !== null || this.#consumes || this.isLost;
    this.#consumes ||= line.ev === 'said' && CONSUMES.test(line.text);
    const isOfRun = line.ev === 'ioctl' && CALLS_OF_REGISTERS.has(Number(line.nr));
    if (!isWithin && !isOfRun) this.#inner = [];
    if (isWithin || this.#consumes || isOfRun) this.#inner.push({ at, line });
  }

  rest(): void {
    this.#inner = [];
    this.#began = null;
    this.#consumes = false;
    this.isLost = false;
    this.address = null;
  }

  /** What is before a rank is let go. */
  forget(before: number): void {
    const { since } = this;
    if (since === null || since >= before) return;
    this.isLost ||= this.#began !== null || this.#consumes;
    this.#began = null;
    this.#inner = this.#inner.filter(({ at }) => at >= before);
  }
}

/** Resets of the machine: each vSMMU says so, once at the start, and again behind what the operator asked or the guest did. */
class Resets {
  readonly #smmus: number;
  #count = 0;
  #asked = false;

  constructor(smmus: number) {
    this.#smmus = smmus;
  }

  asked(text: string): void {
    if (text.includes('"system_reset"')) this.#asked = true;
  }

  told(): readonly OwnLine[] {
    const isFirst = this.#count % this.#smmus === 0 && this.#count >= this.#smmus;
    this.#count++;
    if (!isFirst) return [];
    const isKnown = this.#asked;
    this.#asked = false;
    return isKnown ? [] : [{ ...COMMON, ev: 'qmp', cmd: { execute: 'system_reset' } }];
  }
}

function writeLine({ register: { reg, smmu }, value, bytes }: Access): OwnLine {
  return { ...COMMON, ev: 'guest-write', reg, smmu, val: hexOf(value), ...widthOf(reg, bytes) };
}

function readLine([, where = '0', value = '0']: RegExpExecArray, addressed: boolean): readonly OwnLine[] {
  const register = registerAt(addressed ? BigInt(where) : FIRST_SMMU + BigInt(where));
  return register === null ? [] : [{ ...COMMON, ev: 'guest-read', ...register, val: hexOf(BigInt(value)) }];
}

/** QEMU does not say how wide it is: what fits into a half is one, which is all the same for the numbers of buses. */
function configLine([, bus, slot, fn, off = '0', value = '0']: RegExpExecArray): OwnLine {
  const val = BigInt(value);
  const len = val > 0xffffn ? 4 : val > 0xffn ? 2 : 1;
  return {
    ...COMMON,
    ev: 'guest-config',
    bdf: `${bus}:${slot}.${fn}`,
    off: Number.parseInt(off, 16),
    val: hexOf(val),
    len,
  };
}
