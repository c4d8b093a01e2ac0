import { withCanonicalNames } from '../../checker/canonical.ts';
import { minimise, type Shows } from '../../checker/minimise.ts';
import { recordTrace, type Selection } from '../../checker/record.ts';
import type { Trace } from '../../checker/trace/trace.ts';
import { bootWorld } from '../../model/boot.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import type { Kept } from '../kept.ts';
import { named } from './names.ts';
import { nearest } from './nearest.ts';
import { type Broken, type Judged, Walk } from './walk.ts';

/** What a recording says of a property. */
export interface Judgement {
  readonly property: Judged;
  /** `unseen`: nothing that it speaks of happened. */
  readonly verdict: 'holds' | 'violated' | 'unseen';
  /** The line that violates it. */
  readonly line: number | null;
  /** How, in the recording. */
  readonly violation: string | null;
  /** The least that shows it. */
  readonly trace: Trace | null;
}

/** Where a recording takes place: its machine, which no list of scopes has. */
export function scopeOf({ platform }: Kept): Scope {
  return {
    name: `recorded:${platform.name}`,
    summary: 'The machine that a recording describes.',
    platform,
    adversary: 'vmm',
  };
}

/** Looks at properties in every world of a recording, and makes of each violation the least trace that shows it. */
export function judge(
  kept: Kept,
  properties: readonly Judged[],
  names: Pick<Selection, 'design' | 'defects'>,
): readonly Judgement[] {
  const { platform, rules, commands } = kept;
  const fitting = properties.filter((each) => each.appliesTo?.(platform) ?? platform.devices.length > 0);
  const walk = new Walk(platform, rules, fitting);
  for (const { command } of commands) walk.apply(command);
  walk.end();
  let calls: readonly Call[] | null = null;
  return properties.map((property): Judgement => {
    const broken = walk.brokenOf(property);
    if (broken === null)
      return {
        property,
        verdict: walk.isWitnessed(property) ? 'holds' : 'unseen',
        line: null,
        violation: null,
        trace: null,
      };
    calls ??= named(
      bootWorld(platform),
      commands.map(({ command }) => command),
      rules,
    );
    return {
      property,
      verdict: 'violated',
      line: commands[broken.commands - 1]?.line ?? null,
      violation: broken.violation,
      trace: leastTrace(kept, property, calls.slice(0, broken.commands), names),
    };
  });
}

function leastTrace(
  kept: Kept,
  property: Judged,
  calls: readonly Call[],
  { design, defects }: Pick<Selection, 'design' | 'defects'>,
): Trace | null {
  const { rules } = kept;
  const scope = scopeOf(kept);
  const shows: Shows = (some) => violationBy(kept, property, some)?.commands ?? null;
  const start = nearest(calls, shows);
  if (start === null) return null;
  const least = withCanonicalNames({ scope, rules }, minimise(start, shows));
  const violation = violationBy(kept, property, least)?.violation ?? null;
  const trace = recordTrace(scope, { rules, design, defects }, least, null);
  return { ...trace, property: property.id, guarantee: '1-minimal', violation };
}

/** How these calls violate a property; null where they do not. */
export function violationBy(
  { platform, rules }: Pick<Kept, 'platform' | 'rules'>,
  property: Judged,
  calls: readonly Call[],
): Broken | null {
  const walk = new Walk(platform, rules, [property]);
  let bindings: Bindings = NO_BINDINGS;
  for (const call of calls) {
    bindings = bindResult(call, walk.apply(resolveCall(call, bindings)), bindings);
    const broken = walk.brokenOf(property);
    if (broken !== null) return broken;
  }
  walk.end();
  return walk.brokenOf(property);
}
