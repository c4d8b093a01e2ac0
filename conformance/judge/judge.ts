import { withCanonicalNames } from '../../checker/canonical.ts';
import { minimise, type Shows } from '../../checker/minimise.ts';
import { recordTrace, type Selection } from '../../checker/record.ts';
import type { Trace } from '../../checker/trace/trace.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import type { Keeper, Kept, KeptCommand, Place } from '../kept.ts';
import { SAID_PROPERTY } from '../recorder/vmm-logs.ts';
import { Naming } from './names.ts';
import { nearest } from './nearest.ts';
import { Past } from './past.ts';
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
export function scopeOf({ platform }: Pick<Place, 'platform'>): Scope {
  return {
    name: `recorded:${platform.name}`,
    summary: 'The machine that a recording describes.',
    platform,
    adversary: 'vmm',
  };
}

type Names = Pick<Selection, 'design' | 'defects'>;

interface Found extends Broken {
  readonly line: number | null;
  readonly trace: Trace | null;
}

/**
 * Looks at properties in every world of a recording as it goes by, and makes of each violation the least trace that shows it. Of what went
 * by only that is kept which a trace may need (`past.ts`).
 */
export class Judge implements Keeper {
  readonly place: Place;
  readonly #properties: readonly Judged[];
  readonly #names: Names;
  readonly #walk: Walk;
  readonly #past = new Past();
  readonly #naming = new Naming();
  /** What is yet to be violated. */
  #intact: readonly Judged[];
  readonly #found = new Map<Judged, Found>();
  #line: number | null = null;

  constructor(place: Place, properties: readonly Judged[], names: Names) {
    this.place = place;
    this.#properties = properties;
    this.#names = names;
    const { platform, rules } = place;
    this.#intact = properties.filter((each) => each.appliesTo?.(platform) ?? platform.devices.length > 0);
    this.#walk = new Walk(platform, rules, this.#intact);
    this.#look();
  }

  take({ command, line }: KeptCommand): void {
    const before = this.#walk.world;
    const result = this.#walk.apply(command);
    this.#past.note(this.#naming.of(command, result, before, this.#walk.world), result.ok);
    this.#line = line;
    this.#look();
  }

  end(): void {
    this.#walk.end();
    this.#look();
  }

  judgements(): readonly Judgement[] {
    return this.#properties.map((property): Judgement => {
      const found = this.#found.get(property);
      if (found !== undefined) {
        const { line, violation, trace } = found;
        return { property, verdict: 'violated', line, violation, trace };
      }
      const said = property.id === SAID_PROPERTY ? this.place.said : undefined;
      if (said !== undefined && said.violation !== null) {
        const { line, text } = said.violation;
        return { property, verdict: 'violated', line, violation: text, trace: null };
      }
      const isSeen = this.#walk.isWitnessed(property) || said?.isWitnessed === true;
      const verdict = isSeen ? 'holds' : 'unseen';
      return { property, verdict, line: null, violation: null, trace: null };
    });
  }

  #look(): void {
    if (!this.#walk.takeNews()) return;
    this.#intact = this.#intact.filter((property) => {
      const broken = this.#walk.brokenOf(property);
      if (broken === null) return true;
      const trace = leastTrace(this.place, property, this.#past.calls(), this.#names);
      this.#found.set(property, { ...broken, line: this.#line, trace });
      return false;
    });
  }
}

/** What a recording that is in memory says of properties. */
export function judge(kept: Kept, properties: readonly Judged[], names: Names): readonly Judgement[] {
  const judge = new Judge(kept, properties, names);
  for (const each of kept.commands) judge.take(each);
  judge.end();
  return judge.judgements();
}

function leastTrace(
  place: Place,
  property: Judged,
  calls: readonly Call[],
  { design, defects }: Names,
): Trace | null {
  const { rules } = place;
  const scope = scopeOf(place);
  const shows: Shows = (some) => violationBy(place, property, some)?.commands ?? null;
  const start = nearest(calls, shows);
  if (start === null) return null;
  const least = withCanonicalNames({ scope, rules }, minimise(start, shows));
  const violation = violationBy(place, property, least)?.violation ?? null;
  const trace = recordTrace(scope, { rules, design, defects }, least, null);
  return { ...trace, property: property.id, guarantee: '1-minimal', violation };
}

/** How these calls violate a property; null where they do not. */
export function violationBy(
  { platform, rules }: Place,
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
