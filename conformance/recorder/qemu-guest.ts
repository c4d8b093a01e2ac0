import { encode } from '../../spec/bits.ts';
import { type CommandName, commands, encodeCommand } from '../../spec/smmuv3/command.ts';
import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { l1StreamTableDescriptor, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { bytesOfHex, hexOfBytes, overwrite, wordsOfBytes } from '../hex.ts';
import type { Line as KernelLine, LineOf } from '../linux/lines.ts';
import type { OwnLine } from '../vmm/lines.ts';
import { hexOf, type PlacedRegister } from './qemu-places.ts';

/*
 * What QEMU read of a guest's memory for a vSMMU, by its traces and by what it gave the kernel: commands, where the stream table has an
 * entry, and what that asks for. An entry is known as QEMU read it: of one with stage 1 the words of HWPT_ALLOC, of another what
 * its device was put on.
 */

interface Access {
  readonly register: PlacedRegister;
  readonly value: bigint;
  readonly bytes: number;
  /** Traces and calls in the course of it. */
  readonly inner: readonly KernelLine[];
}

const COMMON = { seq: 0, section: '' } as const;

const HWPT_ALLOC = 0x89;
const HWPT_INVALIDATE = 0x8d;
const COMMAND_BYTES = 16n;
const STE_BYTES = 64;
const SMMUEN = 1n;
/** IHI0070 6.3.24, 6.3.26 */
const ADDRESS = 0xf_ffff_ffff_ffe0n;

const CONSUMES = /^smmuv3_cmdq_consume prod=\d+ cons=(\d+)/;
const OPCODE = /^smmuv3_cmdq_opcode <--- (?:SMMU_CMD_)?(\S*)/;
const UNKNOWN = /^smmuv3_unhandled_cmd Unhandled command type=(\d+)/;
const FAILED = /^smmuv3_cmdq_consume_error /;
const STREAM = /^smmuv3_cmdq_cfgi_(?:ste|cd) (?:streamid|sid)=\s*(0x[0-9a-f]+)/;
const RANGE = /^smmuv3_cmdq_cfgi_ste_range start=(0x[0-9a-f]+) - end=(0x[0-9a-f]+)/;
const FINDS = /^smmuv3_find_ste sid=(0x[0-9a-f]+) features:0x[0-9a-f]+, sid_split:(0x[0-9a-f]+)/;
const TWO_LEVELS = /^smmuv3_find_ste_2lvl .*l1ptr:(0x[0-9a-f]+) .*l2ptr:(0x[0-9a-f]+) .*max_l2_ste:(\d+)/;
const ENTRY = /^smmuv3_get_ste STE addr: (0x[0-9a-f]+)/;
const INSTALLED = /^smmuv3_accel_install_ste vSID=0x[0-9a-f]+ ste type=(.*) hwpt_id=/;

interface Registers {
  CR0: bigint;
  STRTAB_BASE: bigint;
  STRTAB_BASE_CFG: bigint;
  CMDQ_BASE: bigint;
}

/** What is known of the registers and of the memory of a guest. */
export class GuestTables {
  readonly #registers = new Map<string, Registers>();

  /** What of the guest's memory shows in the course of an access, as stores before it. */
  seenBy({ register: { reg, smmu }, value, bytes, inner }: Access): readonly OwnLine[] {
    const registers = this.#of(smmu);
    if (reg.replace('+4', '') in registers) {
      const name = reg.replace('+4', '') as keyof Registers;
      const low = registers[name] & 0xffff_ffffn;
      const high = registers[name] - low;
      if (reg.endsWith('+4')) registers[name] = (value << 32n) | low;
      else registers[name] = bytes < 8 ? high | value : value;
    }
    return [...commandsSeen(inner, registers), ...entriesSeen(inner, registers)];
  }

  #of(smmu: string): Registers {
    const known = this.#registers.get(smmu) ?? {
      CR0: 0n,
      STRTAB_BASE: 0n,
      STRTAB_BASE_CFG: 0n,
      CMDQ_BASE: 0n,
    };
    this.#registers.set(smmu, known);
    return known;
  }
}

const textOf = (line: KernelLine): string => (line.ev === 'said' ? line.text : '');

function storeLine(address: bigint, words: readonly bigint[], length = 8 * words.length): OwnLine {
  const bytes = new Uint8Array(length);
  overwrite(bytes, words);
  return { ...COMMON, ev: 'guest-store', pa: hexOf(address), hex: hexOfBytes(bytes) };
}

/** What comes behind a line, up to one that begins something else. */
function courseBehind(inner: readonly KernelLine[], at: number, ends: RegExp): readonly KernelLine[] {
  let end = at + 1;
  while (end < inner.length && !ends.test(textOf(inner[end] as KernelLine))) end++;
  return inner.slice(at + 1, end);
}

/** Commands that were consumed, each where the queue has it. */
function commandsSeen(inner: readonly KernelLine[], { CMDQ_BASE }: Registers): readonly OwnLine[] {
  const stores: OwnLine[] = [];
  let cons = 0n;
  for (const [at, line] of inner.entries()) {
    cons = BigInt(CONSUMES.exec(textOf(line))?.[1] ?? cons);
    const opcode = OPCODE.exec(textOf(line))?.[1];
    if (opcode === undefined) continue;
    const words = commandOf(opcode, courseBehind(inner, at, /^smmuv3_cmdq_(consume |opcode)/));
    stores.push(storeLine((CMDQ_BASE & ADDRESS) + cons * COMMAND_BYTES, words));
  }
  return stores;
}

/** The words of a command, as far as they are known; what is not known of it says nothing to QEMU either. */
function commandOf(opcode: string, course: readonly KernelLine[]): CommandPair {
  const handedOn = course.find((line): line is LineOf<'ioctl'> => isCall(line, HWPT_INVALIDATE));
  const whole = handedOn === undefined ? [] : givenIn(handedOn);
  if (whole[0] !== undefined && whole[1] !== undefined) return [whole[0], whole[1]];
  const find = (pattern: RegExp): RegExpExecArray | null =>
    course.map((line) => pattern.exec(textOf(line))).find((found) => found !== null) ?? null;
  const unknown = find(UNKNOWN);
  if (unknown !== null) return [BigInt(unknown[1] ?? 0), 0n];
  const name = opcode === 'CFGI_ALL' ? 'CFGI_STE_RANGE' : opcode;
  if (!Object.hasOwn(commands, name)) return [0n, 0n];
  const range = find(RANGE);
  if (range !== null) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    return encodeCommand('CFGI_STE_RANGE', { StreamID: first, Range: Math.log2(last - first + 1) - 1 });
  }
  const stream = find(STREAM);
  if (stream !== null) return encodeCommand(name as 'CFGI_STE', { StreamID: Number(stream[1]) });
  // A configuration command that failed before its StreamID was looked at is one of a Secure stream.
  const isSecure = name.startsWith('CFGI_') && find(FAILED) !== null;
  return encodeCommand(name as CommandName, isSecure ? { SSec: 1 } : {});
}

/** Entries of the stream table that were looked up, with the descriptors that lead to them. */
function entriesSeen(inner: readonly KernelLine[], registers: Registers): readonly OwnLine[] {
  const stores: OwnLine[] = [];
  for (const [at, line] of inner.entries()) {
    const finds = FINDS.exec(textOf(line));
    if (finds === null) continue;
    const course = courseBehind(inner, at, /^smmuv3_(find_ste sid|cmdq_consume )/);
    const find = (pattern: RegExp): RegExpExecArray | null =>
      course.map((each) => pattern.exec(textOf(each))).find((found) => found !== null) ?? null;
    const twoLevels = find(TWO_LEVELS);
    if (twoLevels !== null) stores.push(descriptorLine(twoLevels));
    const entry = find(ENTRY)?.[1];
    if (entry === undefined) {
      const missing = twoLevels === null ? missingDescriptor(registers, BigInt(finds[1] ?? 0)) : null;
      if (missing !== null) stores.push(storeLine(missing, [0n]));
      continue;
    }
    // While SMMUEN is 0 the entry makes no difference, and nothing tells what it is.
    if ((registers.CR0 & SMMUEN) === 0n) continue;
    const words = entryOf(course, find(INSTALLED)?.[1] ?? null);
    stores.push(storeLine(BigInt(entry), words, STE_BYTES));
  }
  return stores;
}

/** QEMU takes a descriptor's Span for the number of an array's last entry, as a logarithm. */
function descriptorLine([, l1 = '0', l2 = '0', last = '0']: RegExpExecArray): OwnLine {
  const words = encode(l1StreamTableDescriptor, { Span: Math.log2(Number(last) + 1) });
  return storeLine(BigInt(l1), [(words[0] ?? 0n) | BigInt(l2)]);
}

const TWO_LEVEL = 1n;

/** Of a table of two levels in which QEMU found no array: where its descriptor is. */
function missingDescriptor({ STRTAB_BASE, STRTAB_BASE_CFG }: Registers, sid: bigint): bigint | null {
  const [log2Size, split, format] = [0n, 6n, 16n].map(
    (lsb, at) => (STRTAB_BASE_CFG >> lsb) & [0x3fn, 0x1fn, 3n][at]!,
  );
  if (format !== TWO_LEVEL || log2Size === undefined || split === undefined || sid >= 1n << log2Size)
    return null;
  return (STRTAB_BASE & ADDRESS & ~0x3fn) + (sid >> split) * 8n;
}

/** What an entry asks for, as QEMU took it: `type` is what it installed; null: it installed nothing. */
function entryOf(course: readonly KernelLine[], type: string | null): readonly bigint[] {
  const asked = course.find((line): line is LineOf<'ioctl'> => isCall(line, HWPT_ALLOC));
  if (asked !== undefined) return givenIn(asked);
  const isBypass = type !== null && /bypass/i.test(type);
  // Without stage 1 nothing is allocated, and what is not installed is stage 2, which a vSMMU does not have.
  const Config = type === null ? SteConfig.S2Trans : isBypass ? SteConfig.Bypass : SteConfig.Abort;
  return encode(ste, { V: 1, Config });
}

function isCall(line: KernelLine, nr: number): boolean {
  return line.ev === 'ioctl' && Number(line.nr) === nr;
}

/** The words that a call gives the kernel by its pointer. */
function givenIn({ bufs = [] }: LineOf<'ioctl'>): readonly bigint[] {
  const [first] = bufs;
  return first === undefined || first.in.startsWith('+') ? [] : wordsOfBytes(bytesOfHex(first.in));
}
