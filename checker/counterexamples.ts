import type { ArgValue, Call } from '../model/call.ts';
import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { toJson } from './trace/values.ts';

/** Calls that violate a property on a scope. */
export interface Counterexample {
  readonly scope: Scope;
  readonly calls: readonly Call[];
}

/** The smallest counterexample of each property, and how many were compared. */
export class Counterexamples {
  readonly #best = new Map<string, Counterexample>();
  readonly #tried = new Map<string, number>();

  add(property: Property, found: Counterexample): void {
    const best = this.#best.get(property.id);
    if (best === undefined || isSmaller(found, best)) this.#best.set(property.id, found);
    this.#tried.set(property.id, this.tried(property) + 1);
  }

  of(property: Property): Counterexample | null {
    return this.#best.get(property.id) ?? null;
  }

  tried(property: Property): number {
    return this.#tried.get(property.id) ?? 0;
  }

  /** Properties with a counterexample. */
  get size(): number {
    return this.#best.size;
  }
}

function isSmaller(a: Counterexample, b: Counterexample): boolean {
  if (a.calls.length !== b.calls.length) return a.calls.length < b.calls.length;
  return weight(a.calls) < weight(b.calls);
}

/** A measure of how much there is to read: of two traces of equal length, the one with fewer and shorter arguments. */
function weight(calls: readonly Call[]): number {
  let sum = 0;
  for (const call of calls) for (const value of Object.values(call.args)) sum += 8 + width(value);
  return sum;
}

function width(value: ArgValue): number {
  const json = toJson(value);
  return typeof json === 'object' && json !== null ? json.join(' ').length : String(json).length;
}
