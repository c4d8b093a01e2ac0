import type { Words } from '../../model/world/command.ts';
import { decode, maskOf } from '../../spec/bits.ts';
import { SteConfig, ste } from '../../spec/smmuv3/ste.ts';

/*
 * Which bits of an STE the SMMU looks at, from the architecture's description of its fields (IHI0070 5.2): the judge of
 * what a driver writes, so nothing here is taken from the driver. MEV merges event records and changes no outcome; EATS is
 * looked at for ATS traffic only, which the device has switched off while it changes.
 */

const STAGE1 = maskOf(ste, [
  'S1Fmt',
  'S1ContextPtr',
  'S1CDMax',
  'S1DSS',
  'S1CIR',
  'S1COR',
  'S1CSH',
  'S1STALLD',
  'STRW',
]);

const STAGE2 = maskOf(ste, [
  ...(['S2FWB', 'SHCFG', 'S2T0SZ', 'S2SL0', 'S2IR0', 'S2OR0', 'S2SH0', 'S2TG', 'S2PS'] as const),
  ...(['S2AA64', 'S2ENDI', 'S2PTW', 'S2S', 'S2R', 'S2TTB'] as const),
]);

/** Tags translations of either stage. */
const TAG = maskOf(ste, ['S2VMID']);
const ATTRIBUTES = maskOf(ste, ['SHCFG']);
const HEAD = maskOf(ste, ['V', 'Config']);
const VALID = maskOf(ste, ['V']);

/** STE.S1DSS: traffic without a SubstreamID bypasses stage 1, with the attributes of a bypass. */
const S1DSS_BYPASS = 1;

export function isValidSte(words: Words): boolean {
  return decode(ste, words).V === 1;
}

function lookedAt(words: Words): Words {
  const { V, Config, S1DSS } = decode(ste, words);
  if (V === 0) return VALID;
  const stage1 = Config === SteConfig.S1Trans || Config === SteConfig.Nested;
  const stage2 = Config === SteConfig.S2Trans || Config === SteConfig.Nested;
  const bypasses = Config === SteConfig.Bypass || (stage1 && S1DSS === S1DSS_BYPASS);
  const masks = [
    HEAD,
    ...(stage1 ? [STAGE1] : []),
    ...(stage2 ? [STAGE2] : []),
    ...(stage1 || stage2 ? [TAG] : []),
    ...(bypasses ? [ATTRIBUTES] : []),
  ];
  return words.map((_, i) => masks.reduce((all, mask) => all | (mask[i] ?? 0n), 0n));
}

/**
 * Whether an entry can become another so that the SMMU never sees anything else: what the old one ignores is written
 * first, then one doubleword makes the change, then the rest follows that the new one ignores.
 */
export function canChangeHitless(current: Words, target: Words): boolean {
  const old = lookedAt(current);
  const wanted = lookedAt(target);
  const prepared = current.map((word, i) => (word & (old[i] ?? 0n)) | ((target[i] ?? 0n) & ~(old[i] ?? 0n)));
  const critical = prepared.filter((word, i) => ((word ^ (target[i] ?? 0n)) & (wanted[i] ?? 0n)) !== 0n);
  return critical.length <= 1;
}
