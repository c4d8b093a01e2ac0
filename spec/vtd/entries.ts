import { layout, type RecordOf } from '../bits.ts';

/** Half of a root entry in scalable mode, the whole of one in legacy mode (VT-d 9.1, 9.2). */
export const rootEntry = layout('root entry', 1, {
  P: { word: 0, lsb: 0, width: 1 },
  CTP: { word: 0, lsb: 12, width: 52, address: true },
});

/** PASID Granular Translation Type. */
export const Pgtt = { First: 0b001, Second: 0b010, Nested: 0b011, PassThrough: 0b100 } as const;

/** Levels of a table, as AW of second-stage tables and FSPM of first-stage tables count them. */
export const AddressWidth = { Levels3: 1, Levels4: 2, Levels5: 3 } as const;

/** A PASID table entry (VT-d 9.6): 512 bits, written in pieces of 64. */
export const pasidEntry = layout('PASID table entry', 8, {
  P: { word: 0, lsb: 0, width: 1 },
  FPD: { word: 0, lsb: 1, width: 1, doc: 'faults are not recorded' },
  AW: { word: 0, lsb: 2, width: 3, values: AddressWidth },
  SSEE: { word: 0, lsb: 5, width: 1 },
  PGTT: { word: 0, lsb: 6, width: 3, values: Pgtt },
  SSADE: { word: 0, lsb: 9, width: 1, doc: 'accessed and dirty flags of the second stage are written' },
  SSPTPTR: { word: 0, lsb: 12, width: 52, address: true },
  DID: { word: 1, lsb: 0, width: 16 },
  PWSNP: { word: 1, lsb: 23, width: 1 },
  PGSNP: { word: 1, lsb: 24, width: 1 },
  CD: { word: 1, lsb: 25, width: 1 },
  EMTE: { word: 1, lsb: 26, width: 1 },
  PAT: { word: 1, lsb: 32, width: 32 },
  SRE: { word: 2, lsb: 0, width: 1, doc: 'supervisor requests are let through' },
  ERE: { word: 2, lsb: 1, width: 1, doc: 'requests to execute are let through' },
  FSPM: { word: 2, lsb: 2, width: 2, doc: '0: four levels, 1: five' },
  WPE: { word: 2, lsb: 4, width: 1, doc: 'supervisor writes respect read-only pages' },
  NXE: { word: 2, lsb: 5, width: 1 },
  SMEP: { word: 2, lsb: 6, width: 1 },
  EAFE: { word: 2, lsb: 7, width: 1 },
  FSPTPTR: { word: 2, lsb: 12, width: 52, address: true },
});

export type PasidEntry = RecordOf<typeof pasidEntry>;

/** A PASID directory entry (VT-d 9.5): it leads to 64 PASID table entries. */
export const pasidDirectoryEntry = layout('PASID directory entry', 1, {
  P: { word: 0, lsb: 0, width: 1 },
  FPD: { word: 0, lsb: 1, width: 1 },
  SMPTBLPTR: { word: 0, lsb: 12, width: 52, address: true },
});

/** Translation type of a legacy-mode context entry: whether translated requests and ATS are let through. */
export const ContextTt = { Untranslated: 0b00, WithDeviceTlb: 0b01, PassThrough: 0b10 } as const;

/** A context entry in scalable mode (VT-d 9.4): 256 bits; it leads to the PASID directory of one device. */
export const scalableContext = layout('scalable-mode context entry', 4, {
  P: { word: 0, lsb: 0, width: 1 },
  FPD: { word: 0, lsb: 1, width: 1 },
  DTE: { word: 0, lsb: 2, width: 1, doc: 'translated requests and ATS are let through' },
  PASIDE: { word: 0, lsb: 3, width: 1, doc: 'requests with a PASID are let through' },
  PRE: { word: 0, lsb: 4, width: 1 },
  PDTS: { word: 0, lsb: 9, width: 3, doc: 'the directory has 2^(PDTS + 7) entries' },
  PASIDDIRPTR: { word: 0, lsb: 12, width: 52, address: true },
  RID_PASID: { word: 1, lsb: 0, width: 20, doc: 'the entry that serves requests without PASID' },
  RID_PRIV: { word: 1, lsb: 20, width: 1 },
});

/** A context entry in legacy mode (VT-d 9.3): 128 bits; it leads to second-stage tables itself. */
export const legacyContext = layout('legacy-mode context entry', 2, {
  P: { word: 0, lsb: 0, width: 1 },
  FPD: { word: 0, lsb: 1, width: 1 },
  TT: { word: 0, lsb: 2, width: 2, values: ContextTt },
  SSPTPTR: { word: 0, lsb: 12, width: 52, address: true },
  AW: { word: 1, lsb: 0, width: 3, values: AddressWidth },
  AVAIL: { word: 1, lsb: 3, width: 4, doc: 'left to software' },
  DID: { word: 1, lsb: 8, width: 16 },
});
