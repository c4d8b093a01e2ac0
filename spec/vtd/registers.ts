import { layout } from '../bits.ts';

/*
 * The capability registers of a DMA remapping unit (Intel VT-d specification, 11.4.2 and 11.4.3), as far as Linux's driver
 * and IOMMU_GET_HW_INFO's users read them.
 */

export const cap = layout('CAP_REG', 1, {
  ND: { word: 0, lsb: 0, width: 3, doc: 'domain ids have 4 + 2 * ND bits' },
  CM: { word: 0, lsb: 7, width: 1, doc: 'caching mode: what is not present may be cached too' },
  SAGAW: { word: 0, lsb: 8, width: 5, doc: 'bit n: second-stage tables of n + 2 levels' },
  MGAW: { word: 0, lsb: 16, width: 6, doc: 'widest second-stage input, in bits, less one' },
  FRO: { word: 0, lsb: 24, width: 10, doc: 'the fault recording registers lie at 16 * FRO' },
  SSLPS: { word: 0, lsb: 34, width: 4, doc: 'second-stage large pages: bit 0 for 2 MiB, bit 1 for 1 GiB' },
  NFR: { word: 0, lsb: 40, width: 8, doc: 'fault recording registers, less one' },
  PSI: { word: 0, lsb: 39, width: 1, doc: 'page-selective IOTLB invalidation' },
  MAMV: { word: 0, lsb: 48, width: 6, doc: 'largest address mask of a page-selective invalidation' },
  FS1GP: { word: 0, lsb: 56, width: 1 },
  FS5LP: { word: 0, lsb: 60, width: 1, doc: 'first-stage tables of five levels' },
});

export const ecap = layout('ECAP_REG', 1, {
  C: { word: 0, lsb: 0, width: 1, doc: 'hardware snoops the caches when it reads tables' },
  QI: { word: 0, lsb: 1, width: 1 },
  DT: { word: 0, lsb: 2, width: 1, doc: 'device TLBs' },
  PT: { word: 0, lsb: 6, width: 1 },
  SC: { word: 0, lsb: 7, width: 1, doc: 'snoop control: second stage can force coherent accesses' },
  IRO: { word: 0, lsb: 8, width: 10, doc: 'the IOTLB registers lie at 16 * IRO' },
  NEST: { word: 0, lsb: 26, width: 1 },
  PRS: { word: 0, lsb: 29, width: 1, doc: 'page requests' },
  ERS: { word: 0, lsb: 30, width: 1, doc: 'execute requests' },
  SRS: { word: 0, lsb: 31, width: 1, doc: 'supervisor requests' },
  EAFS: { word: 0, lsb: 34, width: 1, doc: 'extended accessed flags' },
  PSS: { word: 0, lsb: 35, width: 5, doc: 'PASIDs have PSS + 1 bits' },
  PASID: { word: 0, lsb: 40, width: 1 },
  DIT: { word: 0, lsb: 41, width: 1, doc: 'invalidations of device TLBs name a physical function' },
  PDS: { word: 0, lsb: 42, width: 1, doc: 'wait descriptors can have page requests drained' },
  SMTS: { word: 0, lsb: 43, width: 1, doc: 'scalable mode' },
  SSADS: { word: 0, lsb: 45, width: 1, doc: 'accessed and dirty flags of the second stage' },
  SSTS: { word: 0, lsb: 46, width: 1 },
  FSTS: { word: 0, lsb: 47, width: 1 },
  SMPWC: { word: 0, lsb: 48, width: 1, doc: 'in scalable mode hardware snoops the caches when it walks' },
  RPS: { word: 0, lsb: 49, width: 1, doc: 'RID_PASID is used; else PASID 0 serves requests without one' },
  ADMS: { word: 0, lsb: 52, width: 1, doc: 'abort-DMA mode' },
});

/** RTADDR_REG.TTM: which tables the root table belongs to. */
export const TableMode = { Legacy: 0b00, Scalable: 0b01, AbortDma: 0b11 } as const;

export const rootTableAddress = layout('RTADDR_REG', 1, {
  TTM: { word: 0, lsb: 10, width: 2, values: TableMode },
  RTA: { word: 0, lsb: 12, width: 52, address: true },
});

/** GCMD_REG: the bits of GSTS_REG that are wanted, and two that are commands (VT-d 11.4.4). */
export const globalCommand = layout('GCMD_REG', 1, {
  SIRTP: { word: 0, lsb: 24, width: 1, doc: 'set the interrupt remapping table' },
  IRE: { word: 0, lsb: 25, width: 1, doc: 'remap interrupts' },
  QIE: { word: 0, lsb: 26, width: 1, doc: 'use the invalidation queue' },
  SRTP: { word: 0, lsb: 30, width: 1, doc: 'set the root table' },
  TE: { word: 0, lsb: 31, width: 1, doc: 'translate requests' },
});

export const globalStatus = layout('GSTS_REG', 1, {
  QIES: { word: 0, lsb: 26, width: 1, doc: 'the invalidation queue is in use' },
  RTPS: { word: 0, lsb: 30, width: 1, doc: 'the root table is set' },
  TES: { word: 0, lsb: 31, width: 1, doc: 'requests are translated' },
});

/** CCMD_REG: invalidation of context entries by register (VT-d 11.4.5). */
export const contextCommand = layout('CCMD_REG', 1, {
  DID: { word: 0, lsb: 0, width: 16 },
  SID: { word: 0, lsb: 16, width: 16 },
  FM: { word: 0, lsb: 32, width: 2 },
  CAIG: { word: 0, lsb: 59, width: 2, doc: 'what was invalidated' },
  CIRG: { word: 0, lsb: 61, width: 2, doc: 'what is to be: 1 all, 2 a domain, 3 a device' },
  ICC: { word: 0, lsb: 63, width: 1 },
});

/** IOTLB_REG (VT-d 11.4.8.1). */
export const iotlbCommand = layout('IOTLB_REG', 1, {
  DID: { word: 0, lsb: 32, width: 16 },
  DW: { word: 0, lsb: 48, width: 1 },
  DR: { word: 0, lsb: 49, width: 1 },
  IAIG: { word: 0, lsb: 57, width: 2, doc: 'what was invalidated' },
  IIRG: { word: 0, lsb: 60, width: 2, doc: 'what is to be: 1 all, 2 a domain, 3 pages' },
  IVT: { word: 0, lsb: 63, width: 1 },
});

/** IVA_REG: the pages that IOTLB_REG is about (VT-d 11.4.8.2). */
export const invalidateAddress = layout('IVA_REG', 1, {
  AM: { word: 0, lsb: 0, width: 6 },
  IH: { word: 0, lsb: 6, width: 1 },
  ADDR: { word: 0, lsb: 12, width: 52, address: true },
});

/** FSTS_REG (VT-d 11.4.9). */
export const faultStatus = layout('FSTS_REG', 1, {
  PFO: { word: 0, lsb: 0, width: 1, doc: 'a fault was dropped: every recording register is in use' },
  PPF: { word: 0, lsb: 1, width: 1, doc: 'some recording register has a fault' },
  IQE: { word: 0, lsb: 4, width: 1, doc: 'the invalidation queue has met an error, and stands' },
  FRI: { word: 0, lsb: 8, width: 8, doc: 'the first recording register with a fault' },
});

/** IQA_REG (VT-d 11.4.18). */
export const queueAddress = layout('IQA_REG', 1, {
  QS: { word: 0, lsb: 0, width: 3, doc: 'the queue has 2^QS pages' },
  DW: { word: 0, lsb: 11, width: 1, doc: 'descriptors of 256 bits, else of 128' },
  IQA: { word: 0, lsb: 12, width: 52, address: true },
});

/** ICS_REG (VT-d 11.4.19). */
export const completionStatus = layout('ICS_REG', 1, {
  IWC: { word: 0, lsb: 0, width: 1, doc: 'a wait descriptor with IF is done' },
});
