import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import { type BitField, decode, type Layout } from '../../spec/bits.ts';
import { cd } from '../../spec/smmuv3/cd.ts';
import { commands, opcodeOf } from '../../spec/smmuv3/command.ts';
import { StreamTableFormat, strtabBase, strtabBaseCfg } from '../../spec/smmuv3/registers.ts';
import { l1StreamTableDescriptor, ste } from '../../spec/smmuv3/ste.ts';
import { LAYOUT as FROM } from '../../workload/scopes/emulated-memory.ts';
import { DEVICE_FUNCTIONS, TABLES, LAYOUT as TO } from './places.ts';

const BASE = TABLES.first;
const STE_BYTES = 64n;
/** As many as devices of the scope have that QEMU's machine has not. */
const SMALL = DEVICE_FUNCTIONS;
const SHIFT = BigInt(SMALL) * STE_BYTES;
/** The least stream table that has the StreamIDs that stand for small ones. */
const LEAST_LOG2SIZE = 4;
const LEAST_TABLE = STE_BYTES << BigInt(LEAST_LOG2SIZE);
const MOST_STREAMS = 256n;
/** Levels 1 and 2 of stage 2 map IPAs: what is mapped at an IPA there is mapped at that of the other machine here. */
const LEVEL1_SHIFT = (BASE >> 30n) * 8n;
const LEVEL2_SHIFT = ((BASE >> 21n) & 0x1ffn) * 8n;
const OUTPUT = 0xffff_ffff_f000n;

/** How addresses and StreamIDs of scope `emulated` are those of QEMU's machine. */
export class Move {
  /** Where linear stream tables begin. */
  readonly #tables: readonly bigint[];
  readonly #streams: ReadonlyMap<number, number>;
  /** What makes the machine as the scope is at boot. */
  readonly first: readonly Call[];

  constructor(calls: readonly Call[]) {
    const tables = calls.flatMap((call) => {
      const { command, args } = resolveCall(call, NO_BINDINGS);
      return command === 'emulatedStreamTable' ? [tableOf(args.base, args.config)] : [];
    });
    const linear = [{ base: 0n, log2Size: 0 }, ...tables.filter(({ isLinear }) => isLinear)];
    this.#tables = [...new Set(linear.map(({ base }) => base))];
    const size = 2 ** Math.max(...tables.map(({ log2Size }) => log2Size), 0);
    // Small StreamIDs that no table has stand for others that no table has.
    const past = TO.streams.filter((stream) => stream >= 1 << LEAST_LOG2SIZE);
    this.#streams = new Map(
      FROM.streams
        .filter((stream) => stream < SMALL)
        .map((stream, at) => [stream, stream < size ? stream + SMALL : (past[at % past.length] ?? 0)]),
    );
    const { command, args } = calls[0] ?? {};
    const table = { base: BASE, config: LEAST_LOG2SIZE };
    this.first =
      command === 'emulatedStreamTable' && args !== undefined
        ? []
        : [{ actor: 'guest:vm0', command: 'emulatedStreamTable', args: table }];
  }

  /** Where an address leads that an entry or a register has, or that a device accesses without translation. */
  address(address: bigint): bigint {
    return address + BASE;
  }

  /** Where an entry of a table is. */
  entry(address: bigint): bigint {
    const table = this.#tableAt(address);
    if (table !== null) {
      const within = address - table;
      return (table & ~(LEAST_TABLE - 1n)) + BASE + within + (within < SHIFT ? SHIFT : 0n);
    }
    const { l2Arrays, stage2Root, stage2Level2, stage2Leaves } = FROM;
    if (address >= l2Arrays && address < l2Arrays + SHIFT) return address + BASE + SHIFT;
    if (address >= stage2Root && address < stage2Level2) return address + BASE + LEVEL1_SHIFT;
    if (address >= stage2Level2 && address < stage2Leaves) return address + BASE + LEVEL2_SHIFT;
    return address + BASE;
  }

  #tableAt(address: bigint): bigint | null {
    const { l1StreamTable } = FROM;
    const isLevel1 = address >= l1StreamTable && !this.#tables.some((table) => table >= l1StreamTable);
    if (isLevel1) return null;
    return (
      this.#tables.find((table) => address >= table && address < table + MOST_STREAMS * STE_BYTES) ?? null
    );
  }

  #stream(stream: number): number {
    return this.#streams.get(stream) ?? stream;
  }

  /** The first doubleword of an event record: its type, and a StreamID. */
  eventHead(word: bigint): bigint {
    return (word & 0xffff_ffffn) | (BigInt(this.#stream(Number(word >> 32n))) << 32n);
  }

  /** Calls of the machine that may do what a call of the scope does. An access may be translated by stage 1 or not. */
  candidates(call: Call): readonly Call[] {
    const { command, args } = resolveCall(call, NO_BINDINGS);
    const other = (args: Call['args']): Call => ({ ...call, args: { ...call.args, ...args } });
    switch (command) {
      case 'emulatedStore': {
        const words = (args.words ?? []).map((word, at) => this.#word(args.address + BigInt(8 * at), word));
        return [other({ address: this.entry(args.address), words })];
      }
      case 'emulatedStreamTable':
        return [other(movedTable(args.base, args.config))];
      case 'emulatedCommands':
        return [other({ words: this.#commands(args.words ?? []) })];
      case 'emulatedDma': {
        const stream = this.#stream(args.stream);
        return [args.iova, args.iova + BASE].map((iova) => other({ stream, iova }));
      }
      default:
        return [call];
    }
  }

  /** A word of a table: its pointers lead elsewhere. */
  #word(address: bigint, word: bigint): bigint {
    const { l1StreamTable, l2Arrays, cds, stage1Root, stage2Root } = FROM;
    if (this.#tableAt(address) !== null || (address >= l2Arrays && address < cds))
      return withPointers(ste, address, word);
    if (address >= l1StreamTable && address < l2Arrays)
      return withPointers(l1StreamTableDescriptor, address, word);
    if (address >= cds && address < stage1Root) return withPointers(cd, address, word);
    return address < stage2Root + 0x1_0000n ? plus(OUTPUT, word) : word;
  }

  #commands(words: readonly bigint[]): readonly bigint[] {
    return words.map((word, at) => {
      const own = words.slice(at - (at % 2), at - (at % 2) + 2);
      const name = commandNamed(opcodeOf(own));
      if (name === null) return word;
      const { StreamID, Address } = commands[name].layout.fields as Readonly<Record<string, BitField>>;
      if (at % 2 === 0) return StreamID === undefined ? word : besideDevices(word);
      // Of stage 2 alone: what a guest's own tables map is where it was.
      return name === 'TLBI_S2_IPA' && Address !== undefined ? plus(maskOf(Address), word) : word;
    });
  }
}

/** A command's StreamID, which with others begins a range: small ones stay beside each other. */
function besideDevices(word: bigint): bigint {
  return word >> 32n < BigInt(SMALL) ? word + (BigInt(SMALL) << 32n) : word;
}

function commandNamed(opcode: number): keyof typeof commands | null {
  const names = Object.keys(commands) as (keyof typeof commands)[];
  return names.find((name) => commands[name].opcode === opcode) ?? null;
}

interface Table {
  readonly base: bigint;
  readonly log2Size: number;
  readonly isLinear: boolean;
}

/** The table as the SMMU has it: the low bits of its base do not count. */
function tableOf(base: bigint, config: number): Table {
  const { LOG2SIZE: log2Size, FMT } = decode(strtabBaseCfg, [BigInt(config)]);
  const { ADDR } = decode(strtabBase, [base]);
  const isLinear = FMT === StreamTableFormat.Linear;
  const bytes = isLinear ? STE_BYTES << BigInt(log2Size) : STE_BYTES;
  return { base: ADDR & ~(bytes - 1n), log2Size, isLinear };
}

/** A table that also has the StreamIDs that stand for small ones. */
function movedTable(base: bigint, config: number): { readonly base: bigint; readonly config: number } {
  const { log2Size, isLinear } = tableOf(base, config);
  const larger = config - log2Size + Math.max(log2Size, LEAST_LOG2SIZE);
  const table = tableOf(base, config).base;
  // What does not count of a base stays.
  const aligned = isLinear ? (table & ~(LEAST_TABLE - 1n)) + (base - table) : base;
  return { base: aligned + BASE, config: larger };
}

function maskOf({ lsb, width }: BitField): bigint {
  return ((1n << BigInt(width)) - 1n) << BigInt(lsb);
}

/** The part of a word that `mask` has, farther by the base; what is nothing stays nothing. */
function plus(mask: bigint, word: bigint): bigint {
  if ((word & mask) === 0n && (word & 1n) === 0n) return word;
  return (word & ~mask) | (((word & mask) + BASE) & mask);
}

/** A word of a structure that lies at multiples of its size: those of its fields that are addresses lead elsewhere. */
function withPointers({ words, fields }: Layout, address: bigint, word: bigint): bigint {
  const at = Number((address / 8n) % BigInt(words));
  const pointer = Object.values(fields).find((field) => field.word === at && field.address === true);
  if (pointer === undefined) return word;
  const mask = maskOf(pointer);
  return (word & mask) === 0n ? word : (word & ~mask) | (((word & mask) + BASE) & mask);
}
