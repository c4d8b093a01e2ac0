import type { CommandName } from '../../model/world/command.ts';
import { LEGACY_OUTCOMES } from '../../workload/coverage/legacy-outcomes.ts';
import { OUTCOMES } from '../../workload/coverage/outcomes.ts';
import type { Coverage } from '../monitor.ts';

/**
 * Of the commands that were made, the outcomes that the interface has and that none of them had: what an exploration
 * says nothing about. Commands without such an outcome are left out.
 */
export function neverReached({
  coverage,
}: {
  readonly coverage: Coverage;
}): Readonly<Partial<Record<CommandName, readonly string[]>>> {
  const lacking = Object.entries({ ...OUTCOMES, ...LEGACY_OUTCOMES }).flatMap(([command, outcomes]) => {
    const reached = coverage[command as CommandName];
    if (Object.keys(reached).length === 0) return [];
    const never = Object.keys(outcomes).filter((outcome) => reached[outcome] === undefined);
    return never.length === 0 ? [] : [[command, never] as const];
  });
  return Object.fromEntries(lacking);
}
