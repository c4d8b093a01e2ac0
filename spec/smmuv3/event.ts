import { type BitFields, decode, encode, layout, type RecordOf } from '../bits.ts';

/*
 * Event records (IHI0070 7.3): four doublewords, the type in bits [7:0] of the first.
 */

/** What a faulting access was for: a CD fetch, a translation table walk, or the transaction's own address. */
export const EventClass = { CD: 0b00, TT: 0b01, IN: 0b10 } as const;

const stream = {
  SSV: { word: 0, lsb: 11, width: 1, doc: 'SubstreamID valid' },
  SubstreamID: { word: 0, lsb: 12, width: 20 },
  StreamID: { word: 0, lsb: 32, width: 32 },
} as const satisfies BitFields;

const access = {
  PnU: { word: 1, lsb: 33, width: 1, doc: 'privileged' },
  InD: { word: 1, lsb: 34, width: 1, doc: 'instruction' },
  RnW: { word: 1, lsb: 35, width: 1, doc: 'read' },
} as const satisfies BitFields;

const translation = {
  ...access,
  NSIPA: { word: 1, lsb: 36, width: 1 },
  S2: { word: 1, lsb: 39, width: 1, doc: 'a stage-2 fault' },
  CLASS: { word: 1, lsb: 40, width: 2, values: EventClass },
} as const satisfies BitFields;

const inputAddr = { InputAddr: { word: 2, lsb: 0, width: 64 } } as const satisfies BitFields;
const reason = { Reason: { word: 1, lsb: 0, width: 16 } } as const satisfies BitFields;
const fetchAddr = {
  FetchAddr: { word: 3, lsb: 3, width: 49, address: true },
} as const satisfies BitFields;

const fault = {
  ...stream,
  STAG: { word: 1, lsb: 0, width: 16 },
  Stall: { word: 1, lsb: 31, width: 1 },
  ...translation,
  TTRnW: { word: 1, lsb: 44, width: 1, doc: 'direction of the table access of a CLASS = TT fault' },
  ...inputAddr,
  IPA: { word: 3, lsb: 12, width: 40, address: true, doc: 'valid when S2 = 1' },
} as const satisfies BitFields;

/** Every event of the Non-secure queue: its type and the fields beside it. */
export const events = {
  F_UUT: { type: 0x01, layout: layout('F_UUT', 4, { ...stream, ...reason, ...access, ...inputAddr }) },
  C_BAD_STREAMID: { type: 0x02, layout: layout('C_BAD_STREAMID', 4, stream) },
  F_STE_FETCH: { type: 0x03, layout: layout('F_STE_FETCH', 4, { ...stream, ...reason, ...fetchAddr }) },
  C_BAD_STE: { type: 0x04, layout: layout('C_BAD_STE', 4, stream) },
  F_BAD_ATS_TREQ: { type: 0x05, layout: layout('F_BAD_ATS_TREQ', 4, { ...stream, ...inputAddr }) },
  F_STREAM_DISABLED: { type: 0x06, layout: layout('F_STREAM_DISABLED', 4, stream) },
  F_TRANSL_FORBIDDEN: {
    type: 0x07,
    layout: layout('F_TRANSL_FORBIDDEN', 4, { ...stream, RnW: access.RnW, ...inputAddr }),
  },
  C_BAD_SUBSTREAMID: { type: 0x08, layout: layout('C_BAD_SUBSTREAMID', 4, stream) },
  F_CD_FETCH: { type: 0x09, layout: layout('F_CD_FETCH', 4, { ...stream, ...reason, ...fetchAddr }) },
  C_BAD_CD: { type: 0x0a, layout: layout('C_BAD_CD', 4, stream) },
  F_WALK_EABT: {
    type: 0x0b,
    layout: layout('F_WALK_EABT', 4, { ...stream, ...reason, ...translation, ...inputAddr, ...fetchAddr }),
  },
  F_TRANSLATION: { type: 0x10, layout: layout('F_TRANSLATION', 4, fault) },
  F_ADDR_SIZE: { type: 0x11, layout: layout('F_ADDR_SIZE', 4, fault) },
  F_ACCESS: { type: 0x12, layout: layout('F_ACCESS', 4, fault) },
  F_PERMISSION: { type: 0x13, layout: layout('F_PERMISSION', 4, fault) },
  F_TLB_CONFLICT: {
    type: 0x20,
    layout: layout('F_TLB_CONFLICT', 4, {
      ...stream,
      ...reason,
      ...translation,
      ...inputAddr,
      IPA: fault.IPA,
    }),
  },
  F_CFG_CONFLICT: { type: 0x21, layout: layout('F_CFG_CONFLICT', 4, { ...stream, ...reason }) },
  E_PAGE_REQUEST: { type: 0x24, layout: layout('E_PAGE_REQUEST', 4, { ...stream, ...inputAddr }) },
  F_VMS_FETCH: { type: 0x25, layout: layout('F_VMS_FETCH', 4, { ...stream, ...reason, ...fetchAddr }) },
} as const;

export type EventName = keyof typeof events;

export type EventFields<Name extends EventName> = RecordOf<(typeof events)[Name]['layout']>;

/** A decoded event record: its name and its fields. */
export type EventRecord<Name extends EventName = EventName> = {
  [Each in Name]: { readonly name: Each; readonly fields: EventFields<Each> };
}[Name];

const nameByType: ReadonlyMap<number, EventName> = new Map(
  (Object.keys(events) as EventName[]).map((name) => [events[name].type, name]),
);

/** The name of an event type, or undefined where the type is reserved or implementation defined. */
export function eventNameOf(type: number): EventName | undefined {
  return nameByType.get(type);
}

/** Reads an event record of four doublewords; undefined when its type has no name. */
export function decodeEvent(words: readonly bigint[]): EventRecord | undefined {
  const name = eventNameOf(Number((words[0] ?? 0n) & 0xffn));
  if (name === undefined) return undefined;
  // `name` selects the layout, so the record is that of `name`; the compiler cannot relate the two unions.
  return { name, fields: decode(events[name].layout, words) } as EventRecord;
}

/** The four doublewords of an event record; fields left out are zero. */
export function encodeEvent<Name extends EventName>(
  name: Name,
  fields: Partial<EventFields<Name>> = {},
): bigint[] {
  const { type, layout: of } = events[name];
  const words = encode(of, fields);
  words[0] = (words[0] ?? 0n) | BigInt(type);
  return words;
}
