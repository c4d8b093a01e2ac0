import type { Errno } from '../../spec/errno.ts';
import type { Words } from './command.ts';

/** What a call gave back besides its errno: output fields by name, and what it wrote behind its pointer. */
export type Out = Readonly<Record<string, number | bigint | Words>>;

export interface Done {
  readonly ok: true;
  readonly out: Out;
}

/** A refusal is a value. Some calls write output fields even so (`entryNum`, the count with EMSGSIZE). */
export interface Refused {
  readonly ok: false;
  readonly errno: Errno;
  readonly out: Out;
}

/** How a command was answered. */
export type Result = Done | Refused;

const NOTHING: Out = Object.freeze({});

const DONE: Done = Object.freeze({ ok: true, out: NOTHING });

export function done(out?: Out): Done {
  return out === undefined ? DONE : { ok: true, out };
}

const REFUSALS = new Map<Errno, Refused>();

export function refused(errno: Errno, out?: Out): Refused {
  if (out !== undefined) return { ok: false, errno, out };
  let refusal = REFUSALS.get(errno);
  if (refusal === undefined) {
    refusal = Object.freeze({ ok: false, errno, out: NOTHING });
    REFUSALS.set(errno, refusal);
  }
  return refusal;
}

/**
 * What a command can do beyond the state that later commands read, by kind. Each machine declares its own here:
 * `declare module '../world/result.ts' { interface Effects { … } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the machines
export interface Effects {}

type EffectOf<K extends keyof Effects> = { readonly kind: K } & Effects[K];

/** What a command did beyond the state that later commands read. */
export type Effect = { [K in keyof Effects]: EffectOf<K> }[keyof Effects];
