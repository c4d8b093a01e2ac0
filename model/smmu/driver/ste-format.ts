import { decode, encode, maskOf } from '../../../spec/bits.ts';
import { Eats, S1Dss, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import type { Words } from '../../world/command.ts';
import type { EntryFormat } from './entry-update.ts';

const STAGE1_FIELDS = maskOf(ste, [
  'S1Fmt',
  'S1ContextPtr',
  'S1CDMax',
  'S1DSS',
  'S1CIR',
  'S1COR',
  'S1CSH',
  'S1STALLD',
  'STRW',
  'EATS',
  'MEV',
  'S2VMID',
]);
const STAGE2_FIELDS = maskOf(ste, [
  'S2FWB',
  'EATS',
  'SHCFG',
  'MEV',
  'S2VMID',
  'S2T0SZ',
  'S2SL0',
  'S2IR0',
  'S2OR0',
  'S2SH0',
  'S2TG',
  'S2PS',
  'S2AA64',
  'S2ENDI',
  'S2PTW',
  'S2S',
  'S2R',
  'S2TTB',
]);
const SHCFG = maskOf(ste, ['SHCFG']);
const ALWAYS = maskOf(ste, ['V']);
const WHEN_VALID = maskOf(ste, ['V', 'Config']);

/** The bits of an STE that its own Config makes the SMMU look at (arm_smmu_get_ste_used()). */
export function steUsedBits(entry: Words): Words {
  const { V, Config, S1DSS } = decode(ste, entry);
  if (V === 0) return ALWAYS;
  const stage1 = (Config & 0b001) !== 0;
  const stage2 = (Config & 0b010) !== 0;
  const shareability =
    Config === SteConfig.Bypass || (stage1 && S1DSS === S1Dss.Bypass) ? SHCFG : ([] as Words);
  return WHEN_VALID.map(
    (word, i) =>
      word |
      (stage1 ? (STAGE1_FIELDS[i] ?? 0n) : 0n) |
      (stage2 ? (STAGE2_FIELDS[i] ?? 0n) : 0n) |
      (shareability[i] ?? 0n),
  );
}

const MERGE_EVENTS = encode(ste, { MEV: 1 });
const SPLIT_STAGE = encode(ste, { EATS: Eats.SplitStage });
const TRANSLATED = encode(ste, { EATS: Eats.Translated });
const STAGE2_STALLS = maskOf(ste, ['S2S']);
const VALID = maskOf(ste, ['V'])[0] ?? 0n;

/**
 * arm_smmu_get_ste_update_safe(): merging events changes no outcome, and a device's ATS is off in its own registers
 * whenever EATS changes, unless EATS means split stages or stage 2 stalls.
 */
function safeBits(current: Words, target: Words): Words {
  const both = current.map((word, i) => word | (target[i] ?? 0n));
  const meets = (mask: Words): boolean => both.some((word, i) => (word & (mask[i] ?? 0n)) !== 0n);
  const ats = meets(SPLIT_STAGE) || meets(STAGE2_STALLS) ? [] : TRANSLATED;
  return both.map((_, i) => (MERGE_EVENTS[i] ?? 0n) | (ats[i] ?? 0n));
}

/** A stream table entry, as the driver writes it. */
export const STE_FORMAT: EntryFormat = Object.freeze({
  used: steUsedBits,
  safe: safeBits,
  isValid: ([first = 0n]: Words) => (first & VALID) !== 0n,
});
