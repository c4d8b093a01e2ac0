import { layout } from '../bits.ts';

/*
 * Control registers (IHI0070 6.3.9 ff.). The 32-bit ones are held in the low half of one 64-bit word.
 */

export const cr0 = layout('CR0', 1, {
  SMMUEN: { word: 0, lsb: 0, width: 1 },
  PRIQEN: { word: 0, lsb: 1, width: 1 },
  EVENTQEN: { word: 0, lsb: 2, width: 1 },
  CMDQEN: { word: 0, lsb: 3, width: 1 },
  ATSCHK: { word: 0, lsb: 4, width: 1 },
  VMW: { word: 0, lsb: 6, width: 3 },
});

export const cr2 = layout('CR2', 1, {
  E2H: { word: 0, lsb: 0, width: 1 },
  RECINVSID: { word: 0, lsb: 1, width: 1, doc: 'record C_BAD_STREAMID' },
  PTM: { word: 0, lsb: 2, width: 1 },
});

/** What happens to traffic while SMMUEN is 0. */
export const gbpa = layout('GBPA', 1, {
  MemAttr: { word: 0, lsb: 0, width: 4 },
  MTCFG: { word: 0, lsb: 4, width: 1 },
  ALLOCCFG: { word: 0, lsb: 8, width: 4 },
  SHCFG: { word: 0, lsb: 12, width: 2 },
  NSCFG: { word: 0, lsb: 14, width: 2 },
  PRIVCFG: { word: 0, lsb: 16, width: 2 },
  INSTCFG: { word: 0, lsb: 18, width: 2 },
  ABORT: { word: 0, lsb: 20, width: 1 },
  UPDATE: { word: 0, lsb: 31, width: 1, doc: 'a write takes effect only with this bit set' },
});

export const strtabBase = layout('STRTAB_BASE', 1, {
  ADDR: { word: 0, lsb: 6, width: 46, address: true },
  RA: { word: 0, lsb: 62, width: 1 },
});

export const StreamTableFormat = { Linear: 0b00, TwoLevel: 0b01 } as const;

export const strtabBaseCfg = layout('STRTAB_BASE_CFG', 1, {
  LOG2SIZE: { word: 0, lsb: 0, width: 6, doc: 'log2 of the number of StreamIDs' },
  SPLIT: { word: 0, lsb: 6, width: 5, doc: 'StreamID bits that index a level 2 array: 6, 8 or 10' },
  FMT: { word: 0, lsb: 16, width: 2, values: StreamTableFormat },
});

/** CMDQ_BASE and EVENTQ_BASE (IHI0070 6.3.26, 6.3.29). */
export const queueBase = layout('QUEUE_BASE', 1, {
  LOG2SIZE: { word: 0, lsb: 0, width: 5, doc: 'log2 of the number of entries' },
  ADDR: { word: 0, lsb: 5, width: 47, address: true },
  RA: { word: 0, lsb: 62, width: 1 },
});

export const eventqCons = layout('EVENTQ_CONS', 1, {
  RD: { word: 0, lsb: 0, width: 20 },
  OVACKFLG: { word: 0, lsb: 31, width: 1, doc: 'acknowledges an overflow where it equals OVFLG' },
});

export const eventqProd = layout('EVENTQ_PROD', 1, {
  WR: { word: 0, lsb: 0, width: 20 },
  OVFLG: { word: 0, lsb: 31, width: 1, doc: 'toggles when the queue overflows' },
});

/** CMDQ_CONS.ERR (IHI0070 6.3.28). */
export const CommandError = { None: 0, Illegal: 1, Abort: 2, AtcInvSync: 3 } as const;

export const cmdqCons = layout('CMDQ_CONS', 1, {
  RD: { word: 0, lsb: 0, width: 20 },
  ERR: { word: 0, lsb: 24, width: 7, values: CommandError },
});

/** An error is active where the bit differs from GERRORN. */
export const gerror = layout('GERROR', 1, {
  CMDQ_ERR: { word: 0, lsb: 0, width: 1 },
  EVENTQ_ABT_ERR: { word: 0, lsb: 2, width: 1 },
  PRIQ_ABT_ERR: { word: 0, lsb: 3, width: 1 },
  MSI_CMDQ_ABT_ERR: { word: 0, lsb: 4, width: 1 },
  MSI_EVENTQ_ABT_ERR: { word: 0, lsb: 5, width: 1 },
  MSI_PRIQ_ABT_ERR: { word: 0, lsb: 6, width: 1 },
  MSI_GERROR_ABT_ERR: { word: 0, lsb: 7, width: 1 },
  SFM_ERR: { word: 0, lsb: 8, width: 1 },
});
