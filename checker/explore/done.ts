import type { Property } from '../../properties/property.ts';
import type { Coverage } from '../monitor.ts';
import { printTrace } from '../trace/encode.ts';
import { parseTrace } from '../trace/parse.ts';
import type { Trace } from '../trace/trace.ts';
import type { ScopeReport } from './scope-report.ts';

/** What the scopes before the one at hand came to. */
export interface SavedScopes {
  readonly scopes: readonly ScopeReport[];
  readonly coverages: readonly Coverage[];
  /** By property's id: the scope, and its traces as a trace file has them. */
  readonly traces: readonly (readonly [property: string, scope: string, traces: readonly string[]])[];
  readonly witnesses: readonly (readonly [property: string, scope: string])[];
  readonly inconclusive: readonly string[];
  readonly seconds: number;
}

/** What the scopes that were explored so far came to. */
export class Done {
  readonly scopes: ScopeReport[] = [];
  readonly coverages: Coverage[] = [];
  readonly traces = new Map<Property, { readonly scope: string; readonly traces: readonly Trace[] }>();
  /** The scope in which a property's witness was first reached. */
  readonly witnesses = new Map<Property, string>();
  readonly inconclusive = new Set<Property>();

  static of(saved: SavedScopes, properties: readonly Property[]): Done {
    const named = (id: string): Property => {
      const property = properties.find((each) => each.id === id);
      if (property === undefined) throw new Error(`a checkpoint of this exploration names ${id}`);
      return property;
    };
    const done = new Done();
    done.scopes.push(...saved.scopes);
    done.coverages.push(...saved.coverages);
    for (const [id, scope, traces] of saved.traces)
      done.traces.set(named(id), { scope, traces: traces.map(parseTrace) });
    for (const [id, scope] of saved.witnesses) done.witnesses.set(named(id), scope);
    for (const id of saved.inconclusive) done.inconclusive.add(named(id));
    return done;
  }

  /** What it is now: what comes later is not in it. */
  saved(seconds: number): SavedScopes {
    return {
      scopes: [...this.scopes],
      coverages: [...this.coverages],
      traces: [...this.traces].map(([{ id }, { scope, traces }]) => [id, scope, traces.map(printTrace)]),
      witnesses: [...this.witnesses].map(([{ id }, scope]) => [id, scope]),
      inconclusive: [...this.inconclusive].map(({ id }) => id),
      seconds,
    };
  }
}
