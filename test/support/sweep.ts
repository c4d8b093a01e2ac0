import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/*
 * Searches for what is rare. Where each was found last is kept in test/data/found-at.json and looked at first, so that a test does
 * not search every time. What is not there any more, since seeds name other runs, is searched for as if nothing were kept:
 * the test is slower then, and as strict. `npm run found-at` writes the places anew.
 */

const FILE = fileURLToPath(new URL('../data/found-at.json', import.meta.url));

type Places = Readonly<Record<string, readonly number[]>>;

const writes = process.env.FOUND_AT === 'write';

/**
 * What of `wanted` is in none of the places from 0 on, before `most`. `seenAt` says what a place has; it is told what is still
 * wanted, and need not look for anything else.
 */
export function sweep(
  name: string,
  wanted: Iterable<string>,
  most: number,
  seenAt: (place: number, missing: ReadonlySet<string>) => Iterable<string>,
): readonly string[] {
  const missing = new Set(wanted);
  const places: number[] = [];
  const look = (place: number): void => {
    const before = missing.size;
    for (const each of seenAt(place, missing)) missing.delete(each);
    if (missing.size < before) places.push(place);
  };
  for (const place of writes ? [] : (kept()[name] ?? [])) if (missing.size > 0 && place < most) look(place);
  for (let place = 0; place < most && missing.size > 0; place++) look(place);
  if (writes) keep(name, places);
  return [...missing].sort();
}

function kept(): Places {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
}

function keep(name: string, places: readonly number[]): void {
  const all = Object.entries({ ...kept(), [name]: places }).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(all))}\n`);
}
