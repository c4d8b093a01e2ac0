import { grouped } from './grouped.ts';
import { oneSmmu } from './one-smmu.ts';
import type { Scope } from './scope.ts';
import { twoSmmus } from './two-smmus.ts';
import { twoVms } from './two-vms.ts';

/** Every scope, smallest first. */
export const SCOPES: readonly Scope[] = [oneSmmu, twoSmmus, grouped, twoVms];

/** The scope of a name; undefined where there is none. */
export function scopeByName(name: string): Scope | undefined {
  return SCOPES.find((scope) => scope.name === name);
}
