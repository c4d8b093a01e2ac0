import type { Words } from '../../world/command.ts';

/** What the driver knows of a kind of entry that the SMMU may fetch at any time. */
export interface EntryFormat {
  /** The bits of an entry that the SMMU looks at while the entry has this value. */
  readonly used: (entry: Words) => Words;
  /** Bits that may change while the SMMU looks at them, on the way from one entry to another. */
  readonly safe: (current: Words, target: Words) => Words;
  readonly isValid: (entry: Words) => boolean;
}

/**
 * The values that an entry takes on its way to another, each written in 64-bit pieces and followed by an invalidation
 * and SYNC (arm_smmu_write_entry()). A change of used bits within one doubleword is never seen torn: first what the
 * old value ignores, then that doubleword, then the rest. Any other change goes through V=0. No change: no value.
 */
export function updateEntry(current: Words, target: Words, format: EntryFormat): readonly Words[] {
  const usedThen = format.used(target);
  const safe = format.safe(current, target);
  // A safe bit that only one of the two looks at is sequenced like any other.
  const usedNow = format.used(current).map((word, i) => word & ~((safe[i] ?? 0n) & (usedThen[i] ?? 0n)));
  // Bits that the current value ignores may have their new value at any time.
  const unused = current.map((word, i) => {
    const used = usedNow[i] ?? 0n;
    return (word & used) | ((target[i] ?? 0n) & ~used);
  });
  const differing = unused.flatMap((word, i) =>
    (word & (usedThen[i] ?? 0n)) === ((target[i] ?? 0n) & (usedThen[i] ?? 0n)) ? [] : [i],
  );
  const [critical] = differing;
  const withCritical = (words: Words, from: Words): Words =>
    words.map((word, i) => (i === critical ? (from[i] ?? 0n) : word));
  const steps =
    differing.length === 0
      ? [target]
      : differing.length === 1
        ? [withCritical(unused, current), withCritical(unused, target), target]
        : [withFirst(current, 0n), withFirst(target, 0n), target];
  return changes(current, steps);
}

/** Whether an entry can become another without being invalid in between. */
export function isHitless(current: Words, target: Words, format: EntryFormat): boolean {
  return updateEntry(current, target, format).every(
    (value, i, values) => i === values.length - 1 || format.isValid(value),
  );
}

function withFirst(words: Words, first: bigint): Words {
  return [first, ...words.slice(1)];
}

/** The values that differ from the one before. */
function changes(current: Words, steps: readonly Words[]): readonly Words[] {
  let before = current;
  return steps.filter((step) => {
    const changed = step.some((word, i) => word !== before[i]);
    before = step;
    return changed;
  });
}
