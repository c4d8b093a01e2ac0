import type { Property, Run, Transition } from '../../properties/property.ts';
import type { Path } from './decode.ts';

/** A leaf that was read, and what was there. */
export interface Read {
  readonly path: Path;
  readonly value: unknown;
}

/** Leaves that are told of; a property that looks at every page of a memory reads more. */
const MOST_READS = 400;

/**
 * The leaves of the world that a property reads to say what it says of a place: found out by letting it read a copy that
 * takes notes. Nothing of properties of whole runs and of what could follow, which read every world there is.
 */
export function readsOf(property: Property, run: Run): readonly Read[] {
  const last = run.transitions.at(-1);
  const notes = new Notes();
  try {
    if (property.kind === 'state') property.violated(notes.noting(last?.world ?? run.initial, []));
    else if (property.kind === 'step' && last !== undefined) {
      const noted: Transition = { ...last, world: notes.noting(last.world, []) };
      property.violated(noted);
    }
  } catch {
    // In a corrupt world a property may meet what cannot be; what it read until then is what it read.
  }
  return notes.leaves();
}

class Notes {
  readonly #read = new Map<string, Read>();
  /** One stand-in for each object, so that what is the same stays the same. */
  readonly #standIns = new WeakMap<object, { readonly standIn: object; path: Path }>();

  /** A stand-in for a value, which notes what is read of it. */
  noting<T>(value: T, path: Path): T {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    const known = this.#standIns.get(value);
    if (known !== undefined) {
      // What stands in several places was reached by the last way.
      known.path = path;
      return known.standIn as T;
    }
    // A copy that is not frozen: a frozen one must give its own parts, not stand-ins.
    const copy: object = Array.isArray(value) ? value.slice() : { ...value };
    const note = { standIn: copy, path };
    const standIn = new Proxy(copy, {
      get: (target, key) => {
        const part: unknown = Reflect.get(target, key);
        if (typeof key === 'symbol' || typeof part === 'function' || !Object.hasOwn(target, key)) return part;
        const at = Array.isArray(target) && /^\d+$/.test(key) ? Number(key) : key;
        if (Array.isArray(target) && key === 'length') return part;
        const place = [...note.path, at];
        if (typeof part !== 'object' || part === null) this.#note(place, part);
        return this.noting(part, place);
      },
    });
    note.standIn = standIn;
    this.#standIns.set(value, note);
    return standIn as T;
  }

  leaves(): readonly Read[] {
    return [...this.#read.values()];
  }

  #note(path: Path, value: unknown): void {
    // What the hardware is does not change, nor what kind of object one is; that it was looked at says little.
    if (path[0] === 'platform' || path.at(-1) === 'type' || this.#read.size >= MOST_READS) return;
    this.#read.set(path.join('/'), { path, value });
  }
}
