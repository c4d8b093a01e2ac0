import { encode, maskOf } from '../../../spec/bits.ts';
import { Eats, ste } from '../../../spec/smmuv3/ste.ts';
import type { Words } from '../../world/command.ts';
import { type UsedBits, updateEntry } from '../driver/entry-update.ts';

const MERGE_EVENTS = encode(ste, { MEV: 1 });
const SPLIT_STAGE = encode(ste, { EATS: Eats.SplitStage });
const TRANSLATED = encode(ste, { EATS: Eats.Translated });
const STAGE2_STALLS = maskOf(ste, ['S2S']);

/**
 * Bits of an STE that may change while the SMMU looks at them (arm_smmu_get_ste_update_safe()): merging events changes
 * no outcome, and a device's ATS is off in its own registers whenever EATS changes, unless EATS means split stages or
 * stage 2 stalls.
 */
function safeBits(current: Words, target: Words): Words {
  const both = current.map((word, i) => word | (target[i] ?? 0n));
  const meets = (mask: Words): boolean => both.some((word, i) => (word & (mask[i] ?? 0n)) !== 0n);
  const ats = meets(SPLIT_STAGE) || meets(STAGE2_STALLS) ? [] : TRANSLATED;
  return both.map((_, i) => (MERGE_EVENTS[i] ?? 0n) | (ats[i] ?? 0n));
}

/**
 * The values that an STE takes on its way to another, one doubleword after the other, with CMD_CFGI_STE and CMD_SYNC
 * after each: as `updateEntry`, but that safe bits do not count.
 */
export function updateSte(current: Words, target: Words, usedBits: UsedBits): readonly Words[] {
  const safe = safeBits(current, target);
  return updateEntry(current, target, (entry) => {
    const used = usedBits(entry);
    if (entry !== current) return used;
    const wanted = usedBits(target);
    return used.map((word, i) => word & ~((safe[i] ?? 0n) & (wanted[i] ?? 0n)));
  });
}

const VALID = maskOf(ste, ['V'])[0] ?? 0n;

export function isValidEntry([first = 0n]: Words): boolean {
  return (first & VALID) !== 0n;
}

/** Whether an STE can become another without being invalid in between. */
export function isHitless(current: Words, target: Words, usedBits: UsedBits): boolean {
  return updateSte(current, target, usedBits).every(
    (value, i, values) => i === values.length - 1 || isValidEntry(value),
  );
}
