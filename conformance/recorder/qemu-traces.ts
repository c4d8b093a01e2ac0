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

/** Whether a recording has what accesses can be known by. */
export function hasTraces(lines: readonly Numbered<KernelLine>[]): boolean {
  return lines.some(({ line }) => line.ev === 'said' && WRITTEN.test(line.text));
}

/**
 * What a guest did, as lines to be put before those of the recording, by rank. `smmus`: how many SMMUv3 the machine has; of more than one,
 * only an access whose address was traced (`memory_region_ops_write`) is known to be of one.
 */
export function tracedInputs(
  lines: readonly Numbered<KernelLine>[],
  smmus: number,
): ReadonlyMap<number, readonly Numbered<OwnLine>[]> {
  const inputs = new Map<number, Numbered<OwnLine>[]>();
  const put = (at: number, number: number, told: readonly OwnLine[]): void => {
    if (told.length > 0)
      inputs.set(at, [...(inputs.get(at) ?? []), ...told.map((line) => ({ line, number }))]);
  };
  const tables = new GuestTables();
  const threads = new Map<number, Thread>();
  const resets = new Resets(smmus);
  const addressed = lines.some(({ line }) => line.ev === 'said' && HAS_READ.test(line.text));
  for (const [at, { line, number }] of lines.entries()) {
    const thread = threads.get(line.tid ?? 0) ?? new Thread();
    threads.set(line.tid ?? 0, thread);
    if (line.ev !== 'said') {
      if (line.ev === 'ioctl' || line.ev === 'close') thread.note(at, line);
      else thread.rest();
      continue;
    }
    const begins = BEGINS.exec(line.text);
    if (begins !== null) {
      thread.begin(at, BigInt(begins[1] ?? 0));
      continue;
    }
    const written = WRITTEN.exec(line.text);
    if (written !== null) {
      const [, offset = '0', value = '0', bytes = '8'] = written;
      const register = registerAt(thread.address ?? (smmus === 1 ? FIRST_SMMU + BigInt(offset) : -1n));
      if (register !== null) {
        const { first, inner } = thread.courseOf(register.reg, at);
        const access = { register, value: BigInt(value), bytes: Number.parseInt(bytes, 16), inner, number };
        put(first, number, [...tables.seenBy(access), writeLine(access)]);
      }
      thread.rest();
      continue;
    }
    const config = CONFIGURED.exec(line.text);
    const read = HAS_READ.exec(line.text) ?? (addressed || smmus !== 1 ? null : READ.exec(line.text));
    if (config !== null) put(at, number, [configLine(config)]);
    else if (read !== null) put(at, number, readLine(read, addressed));
    else if (line.text.startsWith(RESET)) put(at, number, resets.told());
    else if (OF_AN_ACCESS.test(line.text)) {
      thread.note(at, line);
      continue;
    } else if (line.text.startsWith('handle_qmp_command ')) resets.asked(line.text);
    if (read === null) thread.rest();
  }
  return inputs;
}

/** What a thread of QEMU's is about. */
class Thread {
  inner: { readonly at: number; readonly line: KernelLine }[] = [];
  address: bigint | null = null;
  #began: number | null = null;

  /** What of it belongs to an access to a register that is told now, at `at`, and the rank of the first line of that. */
  courseOf(reg: string, at: number): { readonly first: number; readonly inner: readonly KernelLine[] } {
    const inner = this.#began === null ? this.inner.slice(this.#beginning(reg)) : this.inner;
    return { first: this.#began ?? inner[0]?.at ?? at, inner: inner.map(({ line }) => line) };
  }

  /**
   * Where nothing says when an access began: commands are told of as they are consumed, and other registers make one kind of call. What
   * the thread did before, such as an unplug, it did for other reasons.
   */
  #beginning(reg: string): number {
    const consumes = this.inner.findIndex(({ line }) => line.ev === 'said' && CONSUMES.test(line.text));
    if (consumes >= 0) return consumes;
    const nr = CALL_OF[reg];
    let from = this.inner.length;
    for (let before = this.inner[from - 1]; before !== undefined; before = this.inner[--from - 1])
      if (before.line.ev !== 'ioctl' || Number(before.line.nr) !== nr) break;
    return from;
  }

  begin(at: number, address: bigint): void {
    this.rest();
    this.#began = at;
    this.address = address;
  }

  note(at: number, line: KernelLine): void {
    this.inner.push({ at, line });
  }

  rest(): void {
    this.inner = [];
    this.#began = null;
    this.address = null;
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
