import { maskOf } from '../../../spec/bits.ts';
import { scalableContext } from '../../../spec/vtd/entries.ts';
import type { Words } from '../../world/command.ts';

const PRESENT = maskOf(scalableContext, ['P'])[0] as bigint;

/** The values that a context entry takes when it is cleared: not present first, and all zero once nobody uses it. */
export function clearContext(current: Words): readonly Words[] {
  const absent = current.map((word, index) => (index === 0 ? word & ~PRESENT : word));
  const cleared = current.map(() => 0n);
  return [absent, cleared].filter((value, index) => {
    const before = index === 0 ? current : absent;
    return value.some((word, at) => word !== before[at]);
  });
}
