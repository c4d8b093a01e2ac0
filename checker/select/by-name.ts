import { MESSAGE_LENGTH, oneLine } from '../outside/text.ts';
import { nearestNames } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** Everything whose name is asked for, in the order of `all`; without names, everything. */
export function selectNames<T>(
  what: string,
  all: readonly T[],
  nameOf: (each: T) => string,
  names: readonly string[],
): readonly T[] {
  if (names.length === 0) return all;
  for (const name of names) {
    if (!all.some((each) => nameOf(each) === name)) throw unknown(what, name, all.map(nameOf));
  }
  return all.filter((each) => names.includes(nameOf(each)));
}

/** Everything whose name one of the globs matches (`*` stands for any characters); without globs, everything. */
export function selectGlobs<T>(
  what: string,
  all: readonly T[],
  nameOf: (each: T) => string,
  globs: readonly string[],
): readonly T[] {
  if (globs.length === 0) return all;
  for (const glob of globs) {
    if (!all.some((each) => matches(glob, nameOf(each)))) throw unknown(what, glob, all.map(nameOf));
  }
  return all.filter((each) => globs.some((glob) => matches(glob, nameOf(each))));
}

/** What there is not, and what there is: as much of that as a message has room for, likely meanings first. */
export function unknownText(what: string, name: string, known: readonly string[]): string {
  const near = nearestNames(oneLine(name, SHOWN), known, (each) => each).slice(0, 2);
  const hint = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `;
  const message = `unknown ${what} '${oneLine(name, SHOWN)}'; ${hint}known: `;
  return message + knownText(known, name, MESSAGE_LENGTH - PATH_ROOM - message.length);
}

function unknown(what: string, name: string, known: readonly string[]): UsageError {
  return new UsageError(unknownText(what, name, known));
}

/** Characters of a name that is unknown. */
const SHOWN = 60;

/** Room for the file that asked for it. */
const PATH_ROOM = 124;

function knownText(known: readonly string[], name: string, room: number): string {
  const all = known.join(', ') || 'none';
  if (all.length <= room) return all;
  const wanted = piecesOf(name);
  const likeness = (each: string): number => [...piecesOf(each)].filter((piece) => wanted.has(piece)).length;
  const ranked = known.toSorted((a, b) => likeness(b) - likeness(a));
  let text = '';
  let shown = 0;
  const rest = (): string => ` and ${known.length - shown} more`;
  for (const each of ranked) {
    const longer = shown === 0 ? each : `${text}, ${each}`;
    if (longer.length + rest().length > room) break;
    text = longer;
    shown++;
  }
  return text + rest();
}

/** Stretches of three characters: names that share many of them are alike. */
function piecesOf(name: string): ReadonlySet<string> {
  const text = name.slice(0, SHOWN).toLowerCase();
  return new Set(Array.from({ length: Math.max(0, text.length - 2) }, (_, at) => text.slice(at, at + 3)));
}

/** Whether a name consists of the glob's pieces in order, with anything between them. */
export function matches(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return name === glob;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
