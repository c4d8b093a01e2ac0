import { encode } from '../spec/bits.ts';
import { encodeCommand } from '../spec/smmuv3/command.ts';
import { strtabBaseCfg } from '../spec/smmuv3/registers.ts';
import { Eats, type Ste, SteConfig, ste } from '../spec/smmuv3/ste.ts';

/*
 * Words that guests write in the sequences that show findings.
 */

const entry = (fields: Partial<Ste>): readonly bigint[] => encode(ste, fields).slice(0, 2);

const stage1 = { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: 0x4_0000n } as const;

export const STES = {
  invalid: entry({ V: 0 }),
  bypass: entry({ V: 1, Config: SteConfig.Bypass }),
  stage1: entry(stage1),
  ats: entry({ ...stage1, EATS: Eats.Translated }),
  splitAts: entry({ ...stage1, EATS: Eats.SplitStage }),
  substreams: entry({ ...stage1, S1CDMax: 1 }),
  shareability: entry({ ...stage1, SHCFG: 1 }),
  stage2: entry({ V: 1, Config: SteConfig.S2Trans }),
} as const;

export const COMMAND = {
  cfgiSte: encodeCommand('CFGI_STE', { Leaf: 1 }),
  cfgiSteOfNone: encodeCommand('CFGI_STE', { StreamID: 5, Leaf: 1 }),
  cfgiAll: encodeCommand('CFGI_STE_RANGE', { Range: 31 }),
  cfgiCd: encodeCommand('CFGI_CD', { StreamID: 1, Leaf: 1 }),
  cfgiCdOfNone: encodeCommand('CFGI_CD', { StreamID: 5, Leaf: 1 }),
  cfgiCdSecure: encodeCommand('CFGI_CD', { SSec: 1, Leaf: 1 }),
  sync: encodeCommand('SYNC'),
  syncReserved: encodeCommand('SYNC', { CS: 3 }),
  resume: encodeCommand('RESUME'),
  atcInvSecure: encodeCommand('ATC_INV', { SSec: 1, Size: 52 }),
  atcInv: encodeCommand('ATC_INV', { Size: 52 }),
  tlbiEl2: encodeCommand('TLBI_EL2_ALL'),
  prefetch: encodeCommand('PREFETCH_ADDR'),
  none: [0x7fn, 0n],
} as const;

const table = (fields: Parameters<typeof encode<typeof strtabBaseCfg>>[1]): bigint =>
  encode(strtabBaseCfg, fields)[0] ?? 0n;

/** Stream tables of 256 entries: linear, and of two levels. */
export const TABLE = {
  linear: table({ LOG2SIZE: 8 }),
  twoLevels: table({ LOG2SIZE: 8, SPLIT: 6, FMT: 1 }),
} as const;

/** The first entry of that table of two levels: its L1 descriptor, and where it is. */
export const L1 = { address: 0x4000_0000n, descriptor: 0x4000_1001n } as const;
