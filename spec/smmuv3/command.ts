import { type BitFields, decode, encode, layout, type RecordOf } from '../bits.ts';

/*
 * Commands (IHI0070 4): two doublewords, the opcode in bits [7:0] of the first.
 */

const none = {} as const satisfies BitFields;

const stream = {
  SSec: { word: 0, lsb: 10, width: 1, doc: 'a Secure stream; illegal on the Non-secure queue' },
  StreamID: { word: 0, lsb: 32, width: 32 },
} as const satisfies BitFields;

const substream = {
  SSV: { word: 0, lsb: 11, width: 1, doc: 'SubstreamID valid' },
  SubstreamID: { word: 0, lsb: 12, width: 20 },
} as const satisfies BitFields;

const leaf = { Leaf: { word: 1, lsb: 0, width: 1 } } as const satisfies BitFields;
const vmid = { VMID: { word: 0, lsb: 32, width: 16 } } as const satisfies BitFields;
const asid = { ASID: { word: 0, lsb: 48, width: 16 } } as const satisfies BitFields;

/** Range of a TLB invalidation when IDR3.RIL = 1: (NUM + 1) * 2^SCALE granules; TG = 0: one entry (IHI0070 4.4.1). */
const tlbRange = {
  NUM: { word: 0, lsb: 12, width: 5 },
  SCALE: { word: 0, lsb: 20, width: 5 },
  ...leaf,
  TTL: { word: 1, lsb: 8, width: 2 },
  TG: { word: 1, lsb: 10, width: 2, values: { None: 0b00, Size4K: 0b01, Size16K: 0b10, Size64K: 0b11 } },
} as const satisfies BitFields;

const address = { Address: { word: 1, lsb: 12, width: 52, address: true } } as const satisfies BitFields;
const ipa = { Address: { word: 1, lsb: 12, width: 40, address: true } } as const satisfies BitFields;

const prefetch = {
  ...stream,
  ...substream,
  Size: { word: 1, lsb: 0, width: 5 },
  Stride: { word: 1, lsb: 5, width: 5 },
} as const satisfies BitFields;

const stalled = {
  ...stream,
  Action: { word: 0, lsb: 12, width: 2, values: { Terminate: 0, Retry: 1, Abort: 2 } },
  STAG: { word: 1, lsb: 0, width: 16 },
} as const satisfies BitFields;

/** Every Non-secure command: its opcode and the fields beside it. */
export const commands = {
  PREFETCH_CONFIG: { opcode: 0x01, layout: layout('CMD_PREFETCH_CONFIG', 2, prefetch) },
  PREFETCH_ADDR: { opcode: 0x02, layout: layout('CMD_PREFETCH_ADDR', 2, { ...prefetch, ...address }) },

  CFGI_STE: { opcode: 0x03, layout: layout('CMD_CFGI_STE', 2, { ...stream, ...leaf }) },
  CFGI_STE_RANGE: {
    opcode: 0x04,
    layout: layout('CMD_CFGI_STE_RANGE', 2, {
      ...stream,
      Range: { word: 1, lsb: 0, width: 5, doc: '2^(Range+1) StreamIDs; 31: all (CMD_CFGI_ALL)' },
    }),
  },
  CFGI_CD: {
    opcode: 0x05,
    layout: layout('CMD_CFGI_CD', 2, { ...stream, SubstreamID: substream.SubstreamID, ...leaf }),
  },
  CFGI_CD_ALL: { opcode: 0x06, layout: layout('CMD_CFGI_CD_ALL', 2, stream) },
  CFGI_VMS_PIDM: { opcode: 0x07, layout: layout('CMD_CFGI_VMS_PIDM', 2, vmid) },

  TLBI_NH_ALL: { opcode: 0x10, layout: layout('CMD_TLBI_NH_ALL', 2, vmid) },
  TLBI_NH_ASID: { opcode: 0x11, layout: layout('CMD_TLBI_NH_ASID', 2, { ...vmid, ...asid }) },
  TLBI_NH_VA: {
    opcode: 0x12,
    layout: layout('CMD_TLBI_NH_VA', 2, { ...vmid, ...asid, ...tlbRange, ...address }),
  },
  TLBI_NH_VAA: { opcode: 0x13, layout: layout('CMD_TLBI_NH_VAA', 2, { ...vmid, ...tlbRange, ...address }) },
  TLBI_EL3_ALL: { opcode: 0x18, layout: layout('CMD_TLBI_EL3_ALL', 2, none) },
  TLBI_EL3_VA: { opcode: 0x1a, layout: layout('CMD_TLBI_EL3_VA', 2, { ...tlbRange, ...address }) },
  TLBI_EL2_ALL: { opcode: 0x20, layout: layout('CMD_TLBI_EL2_ALL', 2, none) },
  TLBI_EL2_ASID: { opcode: 0x21, layout: layout('CMD_TLBI_EL2_ASID', 2, asid) },
  TLBI_EL2_VA: { opcode: 0x22, layout: layout('CMD_TLBI_EL2_VA', 2, { ...asid, ...tlbRange, ...address }) },
  TLBI_EL2_VAA: { opcode: 0x23, layout: layout('CMD_TLBI_EL2_VAA', 2, { ...tlbRange, ...address }) },
  TLBI_S12_VMALL: { opcode: 0x28, layout: layout('CMD_TLBI_S12_VMALL', 2, vmid) },
  TLBI_S2_IPA: { opcode: 0x2a, layout: layout('CMD_TLBI_S2_IPA', 2, { ...vmid, ...tlbRange, ...ipa }) },
  TLBI_NSNH_ALL: { opcode: 0x30, layout: layout('CMD_TLBI_NSNH_ALL', 2, none) },

  ATC_INV: {
    opcode: 0x40,
    layout: layout('CMD_ATC_INV', 2, {
      Global: { word: 0, lsb: 9, width: 1 },
      ...stream,
      ...substream,
      Size: { word: 1, lsb: 0, width: 6, doc: '2^Size pages of 4 KiB; 52: everything' },
      ...address,
    }),
  },
  PRI_RESP: {
    opcode: 0x41,
    layout: layout('CMD_PRI_RESP', 2, {
      ...stream,
      ...substream,
      PRGIndex: { word: 1, lsb: 0, width: 9 },
      Resp: { word: 1, lsb: 12, width: 2, values: { Failure: 0, Invalid: 1, Success: 2 } },
    }),
  },
  RESUME: { opcode: 0x44, layout: layout('CMD_RESUME', 2, stalled) },
  STALL_TERM: { opcode: 0x45, layout: layout('CMD_STALL_TERM', 2, stream) },
  SYNC: {
    opcode: 0x46,
    layout: layout('CMD_SYNC', 2, {
      CS: { word: 0, lsb: 12, width: 2, values: { None: 0, Irq: 1, Sev: 2 } },
      MSH: { word: 0, lsb: 22, width: 2 },
      MSIAttr: { word: 0, lsb: 24, width: 4 },
      MSIData: { word: 0, lsb: 32, width: 32 },
      MSIAddress: { word: 1, lsb: 2, width: 50, address: true },
    }),
  },
} as const;

export type CommandName = keyof typeof commands;

export type CommandFields<Name extends CommandName> = RecordOf<(typeof commands)[Name]['layout']>;

/** A decoded command: its name and its fields. */
export type Command<Name extends CommandName = CommandName> = {
  [Each in Name]: { readonly name: Each; readonly fields: CommandFields<Each> };
}[Name];

const nameByOpcode: ReadonlyMap<number, CommandName> = new Map(
  (Object.keys(commands) as CommandName[]).map((name) => [commands[name].opcode, name]),
);

/** The opcode of a command, bits [7:0] of its first doubleword. */
export function opcodeOf(words: readonly bigint[]): number {
  return Number((words[0] ?? 0n) & 0xffn);
}

/** Reads a command of two doublewords; undefined when the opcode names no Non-secure command (CERROR_ILL). */
export function decodeCommand(words: readonly bigint[]): Command | undefined {
  const name = nameByOpcode.get(opcodeOf(words));
  if (name === undefined) return undefined;
  // `name` selects the layout, so the record is that of `name`; the compiler cannot relate the two unions.
  return { name, fields: decode(commands[name].layout, words) } as Command;
}

/** The two doublewords of a command; fields left out are zero. */
export function encodeCommand<Name extends CommandName>(
  name: Name,
  fields: Partial<CommandFields<Name>> = {},
): [bigint, bigint] {
  const { opcode, layout: of } = commands[name];
  const [first = 0n, second = 0n] = encode(of, fields);
  return [first | BigInt(opcode), second];
}
