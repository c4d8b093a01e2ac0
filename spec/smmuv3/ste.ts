import { layout, maskOf, type RecordOf } from '../bits.ts';

/** STE.Config: which stages a stream goes through (IHI0070 5.2). Values 0b000..0b011 all abort without an event. */
export const SteConfig = {
  Abort: 0b000,
  Bypass: 0b100,
  S1Trans: 0b101,
  S2Trans: 0b110,
  Nested: 0b111,
} as const;

/** STE.S1Fmt: the shape of the CD table when S1CDMax > 0. */
export const S1Fmt = { Linear: 0b00, TwoLevel4K: 0b01, TwoLevel64K: 0b10 } as const;

/** STE.S1DSS: what happens to traffic without a SubstreamID when S1CDMax > 0. */
export const S1Dss = { Terminate: 0b00, Bypass: 0b01, Substream0: 0b10 } as const;

/** STE.EATS: what ATS requests get. */
export const Eats = { Abort: 0b00, Translated: 0b01, SplitStage: 0b10 } as const;

/** STE.STRW: the exception level whose translation regime stage 1 belongs to. */
export const Strw = { NsEl1: 0b00, Any: 0b01, El2: 0b10 } as const;

/** STE.S2TG: the stage-2 granule. It differs from the encoding of CD.TG1. */
export const Granule = { Size4K: 0b00, Size64K: 0b01, Size16K: 0b10 } as const;

/** STE.S2PS and CD.IPS: the size of an address, as IDR5.OAS. */
export const AddressSize = {
  Bits32: 0b000,
  Bits36: 0b001,
  Bits40: 0b010,
  Bits42: 0b011,
  Bits44: 0b100,
  Bits48: 0b101,
  Bits52: 0b110,
} as const;

/** Stream table entry, eight doublewords (IHI0070 5.2). */
export const ste = layout('STE', 8, {
  V: { word: 0, lsb: 0, width: 1 },
  Config: { word: 0, lsb: 1, width: 3, values: SteConfig },
  S1Fmt: { word: 0, lsb: 4, width: 2, values: S1Fmt },
  S1ContextPtr: {
    word: 0,
    lsb: 6,
    width: 46,
    address: true,
    doc: 'CD or CD table; an IPA when Config is Nested',
  },
  S1CDMax: { word: 0, lsb: 59, width: 5, doc: 'log2 of the number of CDs; 0: one CD, no substreams' },

  S1DSS: { word: 1, lsb: 0, width: 2, values: S1Dss },
  S1CIR: { word: 1, lsb: 2, width: 2, doc: 'inner cacheability of CD fetches' },
  S1COR: { word: 1, lsb: 4, width: 2, doc: 'outer cacheability of CD fetches' },
  S1CSH: { word: 1, lsb: 6, width: 2, doc: 'shareability of CD fetches' },
  S2HWU59: { word: 1, lsb: 8, width: 1 },
  S2HWU60: { word: 1, lsb: 9, width: 1 },
  S2HWU61: { word: 1, lsb: 10, width: 1 },
  S2HWU62: { word: 1, lsb: 11, width: 1 },
  DRE: { word: 1, lsb: 12, width: 1 },
  CONT: { word: 1, lsb: 13, width: 4, doc: 'contiguity hint' },
  DCP: { word: 1, lsb: 17, width: 1 },
  PPAR: { word: 1, lsb: 18, width: 1 },
  MEV: { word: 1, lsb: 19, width: 1, doc: 'merge events' },
  S2FWB: { word: 1, lsb: 25, width: 1, doc: 'stage-2 forced write-back (IDR3.FWB)' },
  S1MPAM: { word: 1, lsb: 26, width: 1 },
  S1STALLD: { word: 1, lsb: 27, width: 1, doc: 'stage-1 stall disable' },
  EATS: { word: 1, lsb: 28, width: 2, values: Eats },
  STRW: { word: 1, lsb: 30, width: 2, values: Strw },
  MemAttr: { word: 1, lsb: 32, width: 4 },
  MTCFG: { word: 1, lsb: 36, width: 1 },
  ALLOCCFG: { word: 1, lsb: 37, width: 4 },
  SHCFG: { word: 1, lsb: 44, width: 2 },
  NSCFG: { word: 1, lsb: 46, width: 2 },
  PRIVCFG: { word: 1, lsb: 48, width: 2 },
  INSTCFG: { word: 1, lsb: 50, width: 2 },

  S2VMID: { word: 2, lsb: 0, width: 16 },
  S2T0SZ: { word: 2, lsb: 32, width: 6 },
  S2SL0: { word: 2, lsb: 38, width: 2 },
  S2IR0: { word: 2, lsb: 40, width: 2 },
  S2OR0: { word: 2, lsb: 42, width: 2 },
  S2SH0: { word: 2, lsb: 44, width: 2 },
  S2TG: { word: 2, lsb: 46, width: 2, values: Granule },
  S2PS: { word: 2, lsb: 48, width: 3, values: AddressSize },
  S2AA64: { word: 2, lsb: 51, width: 1 },
  S2ENDI: { word: 2, lsb: 52, width: 1 },
  S2AFFD: { word: 2, lsb: 53, width: 1, doc: 'stage-2 access flag faults disabled' },
  S2PTW: { word: 2, lsb: 54, width: 1, doc: 'stage-1 walks to Device memory are permission faults' },
  S2HD: { word: 2, lsb: 55, width: 1 },
  S2HA: { word: 2, lsb: 56, width: 1 },
  S2S: { word: 2, lsb: 57, width: 1, doc: 'stage-2 faults stall' },
  S2R: { word: 2, lsb: 58, width: 1, doc: 'stage-2 faults are recorded' },

  S2TTB: { word: 3, lsb: 4, width: 48, address: true },

  ImplDef: { word: 4, lsb: 0, width: 16 },
  PARTID: { word: 4, lsb: 16, width: 16 },
  PMG: { word: 5, lsb: 0, width: 8 },
  VMSPtr: { word: 5, lsb: 12, width: 40, address: true },
});

export type Ste = RecordOf<typeof ste>;

/**
 * The fields of a stream table entry that a guest owns when its stage 1 is nested in a hypervisor's stage 2
 * (iommufd.h: struct iommu_hwpt_arm_smmuv3). All lie in the first two doublewords.
 */
export const guestSteFields = [
  'V',
  'Config',
  'S1Fmt',
  'S1ContextPtr',
  'S1CDMax',
  'S1DSS',
  'S1CIR',
  'S1COR',
  'S1CSH',
  'S1STALLD',
  'EATS',
] as const satisfies readonly (keyof typeof ste.fields)[];

/** The bits of `guestSteFields`, eight doublewords of which the last six are zero. */
export const guestSteMask: readonly bigint[] = maskOf(ste, guestSteFields);

/** Level 1 stream table descriptor (IHI0070 5.1). Span 0: the whole range is invalid. */
export const l1StreamTableDescriptor = layout('L1STD', 1, {
  Span: { word: 0, lsb: 0, width: 5, doc: 'the L2 array has 2^(Span-1) entries' },
  L2Ptr: { word: 0, lsb: 6, width: 46, address: true },
});
