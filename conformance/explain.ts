/**
 * The deviations that must be added for an answer to agree: a single one where one is enough, else a set from which none can
 * be left out. Undefined: not even all of them explain it, or it needs no explanation, because it agrees without any and
 * whatever was put over them does not.
 */
export function explain<Deviation>(
  deviations: readonly Deviation[],
  agreesWith: (chosen: readonly Deviation[]) => boolean,
): readonly Deviation[] | undefined {
  if (agreesWith([])) return undefined;
  for (const deviation of deviations) if (agreesWith([deviation])) return [deviation];
  if (!agreesWith(deviations)) return undefined;
  let needed = deviations;
  for (const deviation of deviations) {
    const without = needed.filter((other) => other !== deviation);
    if (agreesWith(without)) needed = without;
  }
  return needed;
}
