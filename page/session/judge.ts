import { judged } from '../../checker/judged.ts';
import type { Found, Setting } from '../../checker/run.ts';
import type { Property, Run, Transition } from '../../properties/property.ts';

/** What a place of a run says of properties: which are violated there first, and which mean something there first. */
export interface Judgement {
  readonly violated: readonly Found[];
  readonly witnessed: readonly Property[];
}

/** What was said on the way to a place. */
export interface Said {
  readonly violated: ReadonlySet<string>;
  readonly witnessed: ReadonlySet<string>;
}

export const NOTHING_SAID: Said = { violated: new Set(), witnessed: new Set() };

/** What a run said up to and with a place. */
export function saidWith(said: Said, { violated, witnessed }: Judgement): Said {
  if (violated.length === 0 && witnessed.length === 0) return said;
  return {
    violated: new Set([...said.violated, ...violated.map(({ property }) => property.id)]),
    witnessed: new Set([...said.witnessed, ...witnessed.map(({ id }) => id)]),
  };
}

/**
 * Looks at every property of worlds, and of steps, where a run has come to: `last` is its last step, null at its start.
 * After a violation no witness counts, as in a check: the world may be corrupt.
 */
export function judge(
  properties: readonly Property[],
  run: Run,
  last: Transition | null,
  said: Said,
): Judgement {
  const calls = run.transitions.length;
  const world = last === null ? run.initial : last.world;
  const isChanged = last === null || last.before !== last.world;
  const violated: Found[] = [];
  const note = (property: Property, violation: string | null): void => {
    if (violation !== null) violated.push({ property, calls, violation });
  };
  for (const property of properties) {
    if (said.violated.has(property.id)) continue;
    if (property.kind === 'state' && isChanged)
      note(
        property,
        judged(() => property.violated(world)),
      );
    if (property.kind === 'step' && last !== null)
      note(
        property,
        judged(() => property.violated(last)),
      );
  }
  if (violated.length > 0 || said.violated.size > 0) return { violated, witnessed: [] };
  return { violated, witnessed: witnessesIn(properties, run, last, said, isChanged) };
}

function witnessesIn(
  properties: readonly Property[],
  run: Run,
  last: Transition | null,
  said: Said,
  isChanged: boolean,
): readonly Property[] {
  const world = last === null ? run.initial : last.world;
  const isReached = (property: Property): boolean => {
    switch (property.kind) {
      case 'state':
      case 'reachability':
        return isChanged && property.witness(world);
      case 'step':
        return last !== null && property.witness(last);
      case 'pair':
        return last !== null && property.witness(run);
    }
  };
  return properties.filter(
    (property) => !said.witnessed.has(property.id) && holds(() => isReached(property)),
  );
}

/**
 * What a property says of a run that ends here, whatever its kind. `setting`: under which rules continuations and other
 * runs are made.
 */
export function violationAtEnd(
  property: Property,
  run: Run,
  { rules }: Pick<Setting, 'rules'>,
): string | null {
  const last = run.transitions.at(-1);
  switch (property.kind) {
    case 'state':
      return judged(() => property.violated(last?.world ?? run.initial));
    case 'step':
      return last === undefined ? null : judged(() => property.violated(last));
    case 'reachability':
      return judged(() => property.violated(last?.world ?? run.initial, rules));
    case 'pair':
      return judged(() => property.violated(run, rules));
  }
}

function holds(predicate: () => boolean): boolean {
  try {
    return predicate();
  } catch {
    return false;
  }
}
