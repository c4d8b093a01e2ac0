import type { ArgValue, Call } from '../../model/call.ts';

/*
 * What is kept of a long recording for the traces of its violations: the last calls as they were, and of those before them what they stand
 * on. That is what operators did, what made the objects that are left, what each register and each place of a guest's memory was
 * last set to, and of calls that came again and again the last. A trace is made of that and tried on the model, so what is
 * missing can cost a trace, and never makes a false one.
 */

/** Calls that are kept as they were: 40 times as many as the longest committed recording of a VMM has. */
export const MOST_LAST = 16_384;

/** Calls before them, of which the oldest are given up. */
export const MOST_BEFORE = 16_384;

interface Done {
  readonly call: Call;
  readonly ok: boolean;
}

/** Calls after which what they name is no more, and the argument that names it. */
const ENDS: Readonly<Record<string, string>> = { destroy: 'id', close: 'fd' };

/** What of a guest's writes tells where they go; the rest is what is written. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  writeRegister: ['vsmmu', 'register', 'half'],
  storeGuest: ['address', 'zeros'],
};

export class Past {
  #last: Done[] = [];
  /** Calls before those by what they are about, in the order in which they came. */
  readonly #before = new Map<string, Call>();

  note(call: Call, ok: boolean): void {
    this.#last.push({ call, ok });
    if (this.#last.length < 2 * MOST_LAST) return;
    for (const done of this.#last.splice(0, MOST_LAST)) this.#sink(done);
  }

  /** What is left, in the order in which it came. */
  calls(): readonly Call[] {
    return [...this.#before.values(), ...this.#last.map(({ call }) => call)];
  }

  #sink({ call, ok }: Done): void {
    if (!ok) return;
    const gone = call.args[ENDS[call.command] ?? ''];
    if (gone !== undefined && this.#before.delete(`as ${String(gone)}`)) return;
    const key = keyOf(call);
    this.#before.delete(key);
    this.#before.set(key, call);
    if (this.#before.size <= MOST_BEFORE) return;
    for (const [oldest, { actor }] of this.#before) {
      if (actor === 'operator') continue;
      this.#before.delete(oldest);
      return;
    }
  }
}

function keyOf({ actor, command, args, as }: Call): string {
  if (as !== undefined) return `as ${as}`;
  const places = PLACES[command];
  const about = places === undefined ? Object.values(args) : places.map((name) => args[name]);
  return [actor, command, ...about.map(textOf)].join(' ');
}

function textOf(value: ArgValue | undefined): string {
  return Array.isArray(value) ? value.map(String).join(',') : String(value);
}
