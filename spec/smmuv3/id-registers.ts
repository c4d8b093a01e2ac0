import { layout, type RecordOf } from '../bits.ts';
import { AddressSize } from './ste.ts';

/*
 * Identification registers (IHI0070 6.3.1 - 6.3.8). Each is 32 bits wide, held in the low half of one 64-bit word.
 */

export const TranslationTableFormat = { AArch32: 0b01, AArch64: 0b10, Both: 0b11 } as const;
export const TtEndian = { Mixed: 0b00, Little: 0b10, Big: 0b11 } as const;
export const StallModel = { StallOrTerminate: 0b00, NoStall: 0b01, StallForced: 0b10 } as const;
export const StreamTableLevel = { Linear: 0b00, TwoLevel: 0b01 } as const;

export const idr0 = layout('IDR0', 1, {
  S2P: { word: 0, lsb: 0, width: 1, doc: 'stage 2 implemented' },
  S1P: { word: 0, lsb: 1, width: 1, doc: 'stage 1 implemented' },
  TTF: { word: 0, lsb: 2, width: 2, values: TranslationTableFormat },
  COHACC: { word: 0, lsb: 4, width: 1 },
  BTM: { word: 0, lsb: 5, width: 1 },
  HTTU: { word: 0, lsb: 6, width: 2, values: { None: 0, AccessFlag: 1, AccessFlagAndDirty: 2 } },
  DORMHINT: { word: 0, lsb: 8, width: 1 },
  HYP: { word: 0, lsb: 9, width: 1 },
  ATS: { word: 0, lsb: 10, width: 1 },
  NS1ATS: { word: 0, lsb: 11, width: 1 },
  ASID16: { word: 0, lsb: 12, width: 1 },
  MSI: { word: 0, lsb: 13, width: 1 },
  SEV: { word: 0, lsb: 14, width: 1 },
  ATOS: { word: 0, lsb: 15, width: 1 },
  PRI: { word: 0, lsb: 16, width: 1 },
  VMW: { word: 0, lsb: 17, width: 1 },
  VMID16: { word: 0, lsb: 18, width: 1 },
  CD2L: { word: 0, lsb: 19, width: 1, doc: 'two-level CD tables supported' },
  VATOS: { word: 0, lsb: 20, width: 1 },
  TTENDIAN: { word: 0, lsb: 21, width: 2, values: TtEndian },
  ATSRECERR: { word: 0, lsb: 23, width: 1 },
  STALL_MODEL: { word: 0, lsb: 24, width: 2, values: StallModel },
  TERM_MODEL: { word: 0, lsb: 26, width: 1, doc: '1: CD.A = 0 is illegal' },
  ST_LEVEL: { word: 0, lsb: 27, width: 2, values: StreamTableLevel },
});

export const idr1 = layout('IDR1', 1, {
  SIDSIZE: { word: 0, lsb: 0, width: 6 },
  SSIDSIZE: { word: 0, lsb: 6, width: 5 },
  PRIQS: { word: 0, lsb: 11, width: 5 },
  EVENTQS: { word: 0, lsb: 16, width: 5 },
  CMDQS: { word: 0, lsb: 21, width: 5 },
  ATTR_PERMS_OVR: { word: 0, lsb: 26, width: 1 },
  ATTR_TYPES_OVR: { word: 0, lsb: 27, width: 1 },
  REL: { word: 0, lsb: 28, width: 1 },
  QUEUES_PRESET: { word: 0, lsb: 29, width: 1 },
  TABLES_PRESET: { word: 0, lsb: 30, width: 1 },
  ECMDQ: { word: 0, lsb: 31, width: 1 },
});

export const idr2 = layout('IDR2', 1, {
  BA_VATOS: { word: 0, lsb: 0, width: 10 },
});

export const idr3 = layout('IDR3', 1, {
  HAD: { word: 0, lsb: 2, width: 1, doc: 'CD.HAD0/1 supported' },
  PBHA: { word: 0, lsb: 3, width: 1 },
  XNX: { word: 0, lsb: 4, width: 1 },
  PPS: { word: 0, lsb: 5, width: 1 },
  MPAM: { word: 0, lsb: 7, width: 1 },
  FWB: { word: 0, lsb: 8, width: 1 },
  STT: { word: 0, lsb: 9, width: 1, doc: 'small translation tables: TxSZ up to 48' },
  RIL: { word: 0, lsb: 10, width: 1, doc: 'range invalidation' },
  BBML: { word: 0, lsb: 11, width: 2 },
  E0PD: { word: 0, lsb: 13, width: 1 },
  PTWNNC: { word: 0, lsb: 14, width: 1 },
  DPT: { word: 0, lsb: 15, width: 1 },
});

export const idr4 = layout('IDR4', 1, {
  ImplDef: { word: 0, lsb: 0, width: 32 },
});

export const idr5 = layout('IDR5', 1, {
  OAS: { word: 0, lsb: 0, width: 3, values: AddressSize },
  GRAN4K: { word: 0, lsb: 4, width: 1 },
  GRAN16K: { word: 0, lsb: 5, width: 1 },
  GRAN64K: { word: 0, lsb: 6, width: 1 },
  DS: { word: 0, lsb: 7, width: 1 },
  D128: { word: 0, lsb: 8, width: 1 },
  VAX: { word: 0, lsb: 10, width: 2, values: { Bits48: 0b00, Bits52: 0b01 } },
  STALL_MAX: { word: 0, lsb: 16, width: 16 },
});

export const iidr = layout('IIDR', 1, {
  Implementer: { word: 0, lsb: 0, width: 12 },
  Revision: { word: 0, lsb: 12, width: 4 },
  Variant: { word: 0, lsb: 16, width: 4 },
  ProductID: { word: 0, lsb: 20, width: 12 },
});

export const aidr = layout('AIDR', 1, {
  ArchMinorRev: { word: 0, lsb: 0, width: 4 },
  ArchMajorRev: { word: 0, lsb: 4, width: 4 },
});

/** Every identification register by its name. */
export const idRegisters = {
  IDR0: idr0,
  IDR1: idr1,
  IDR2: idr2,
  IDR3: idr3,
  IDR4: idr4,
  IDR5: idr5,
  IIDR: iidr,
  AIDR: aidr,
} as const;

/** `IDR0` to `IDR5`, `IIDR`, `AIDR`. */
export type IdRegisterName = keyof typeof idRegisters;

export const ID_REGISTER_NAMES = Object.keys(idRegisters) as readonly IdRegisterName[];

/** Those that GET_HW_INFO has in `idr[6]`, in its order. */
export const IDR_NAMES = ID_REGISTER_NAMES.filter((name) => name.startsWith('IDR'));

/** The 32-bit values of the identification registers. */
export type IdRegisterValues = Readonly<Record<IdRegisterName, number>>;

export type Idr0 = RecordOf<typeof idr0>;
export type Idr1 = RecordOf<typeof idr1>;
export type Idr3 = RecordOf<typeof idr3>;
export type Idr5 = RecordOf<typeof idr5>;
