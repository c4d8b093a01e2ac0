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

function unknown(what: string, name: string, known: readonly string[]): UsageError {
  return new UsageError(`unknown ${what} '${name}'; known: ${known.join(', ') || 'none'}`);
}

/** Whether a name consists of the glob's pieces in order, with anything between them. */
function matches(glob: string, name: string): boolean {
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
