import { layout, type RecordOf } from '../bits.ts';
import { AddressSize, Granule } from './ste.ts';

/** CD.TG1: the granule of TTB1. It differs from the encoding of TG0 (`Granule`). */
export const GranuleTtb1 = { Size16K: 0b01, Size4K: 0b10, Size64K: 0b11 } as const;

/** Context descriptor, eight doublewords (IHI0070 5.4). */
export const cd = layout('CD', 8, {
  T0SZ: { word: 0, lsb: 0, width: 6 },
  TG0: { word: 0, lsb: 6, width: 2, values: Granule },
  IR0: { word: 0, lsb: 8, width: 2 },
  OR0: { word: 0, lsb: 10, width: 2 },
  SH0: { word: 0, lsb: 12, width: 2 },
  EPD0: { word: 0, lsb: 14, width: 1, doc: 'walks through TTB0 disabled' },
  ENDI: { word: 0, lsb: 15, width: 1, doc: 'big-endian tables' },
  T1SZ: { word: 0, lsb: 16, width: 6 },
  TG1: { word: 0, lsb: 22, width: 2, values: GranuleTtb1 },
  IR1: { word: 0, lsb: 24, width: 2 },
  OR1: { word: 0, lsb: 26, width: 2 },
  SH1: { word: 0, lsb: 28, width: 2 },
  EPD1: { word: 0, lsb: 30, width: 1, doc: 'walks through TTB1 disabled' },
  V: { word: 0, lsb: 31, width: 1 },
  IPS: { word: 0, lsb: 32, width: 3, values: AddressSize },
  AFFD: { word: 0, lsb: 35, width: 1, doc: 'access flag faults disabled' },
  WXN: { word: 0, lsb: 36, width: 1 },
  UWXN: { word: 0, lsb: 37, width: 1 },
  TBI0: { word: 0, lsb: 38, width: 1, doc: 'top byte ignored in the TTB0 half' },
  TBI1: { word: 0, lsb: 39, width: 1, doc: 'top byte ignored in the TTB1 half' },
  PAN: { word: 0, lsb: 40, width: 1 },
  AA64: { word: 0, lsb: 41, width: 1 },
  HD: { word: 0, lsb: 42, width: 1 },
  HA: { word: 0, lsb: 43, width: 1 },
  S: { word: 0, lsb: 44, width: 1, doc: 'stage-1 faults stall' },
  R: { word: 0, lsb: 45, width: 1, doc: 'stage-1 faults are recorded' },
  A: { word: 0, lsb: 46, width: 1, doc: 'stage-1 faults abort; 0: RAZ/WI' },
  ASET: { word: 0, lsb: 47, width: 1 },
  ASID: { word: 0, lsb: 48, width: 16 },

  NSCFG0: { word: 1, lsb: 0, width: 1 },
  HAD0: { word: 1, lsb: 1, width: 1, doc: 'hierarchical attributes (APTable, ...) of TTB0 disabled' },
  E0PD0: { word: 1, lsb: 2, width: 1 },
  HAFT: { word: 1, lsb: 3, width: 1 },
  TTB0: { word: 1, lsb: 4, width: 48, address: true },
  HWU059: { word: 1, lsb: 60, width: 1 },
  HWU060: { word: 1, lsb: 61, width: 1 },
  HWU061: { word: 1, lsb: 62, width: 1 },
  HWU062: { word: 1, lsb: 63, width: 1 },

  NSCFG1: { word: 2, lsb: 0, width: 1 },
  HAD1: { word: 2, lsb: 1, width: 1, doc: 'hierarchical attributes (APTable, ...) of TTB1 disabled' },
  E0PD1: { word: 2, lsb: 2, width: 1 },
  TTB1: { word: 2, lsb: 4, width: 48, address: true },
  HWU159: { word: 2, lsb: 60, width: 1 },
  HWU160: { word: 2, lsb: 61, width: 1 },
  HWU161: { word: 2, lsb: 62, width: 1 },
  HWU162: { word: 2, lsb: 63, width: 1 },

  MAIR: { word: 3, lsb: 0, width: 64 },
  AMAIR: { word: 4, lsb: 0, width: 64 },

  ImplDef: { word: 5, lsb: 0, width: 32 },
  PARTID: { word: 5, lsb: 32, width: 16 },
  PMG: { word: 5, lsb: 48, width: 8 },
});

export type Cd = RecordOf<typeof cd>;

/** Level 1 context descriptor, one doubleword (IHI0070 5.3). */
export const l1ContextDescriptor = layout('L1CD', 1, {
  V: { word: 0, lsb: 0, width: 1 },
  L2Ptr: { word: 0, lsb: 12, width: 40, address: true },
});
