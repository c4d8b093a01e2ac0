import type { Seen } from './lines.ts';

/** In what two observations differ; what one of them did not see does not count. */
export function differing(a: Seen, b: Seen): readonly (keyof Seen)[] {
  if (a.ends !== b.ends) return ['ends'];
  const keys = Object.keys(a) as (keyof Seen)[];
  return keys.filter((key) => a[key] !== undefined && b[key] !== undefined && a[key] !== b[key]);
}
