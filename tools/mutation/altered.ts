import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/*
 * Recordings with one value changed, one field or one line left out, somewhere. What agrees with every recording might agree with
 * anything: with these, what conform tells of a disagreement, and of what it cannot read, is compared, too.
 */

/** What is done to a copy at a place of its text. */
type Alteration = (text: string, place: number) => string;

/** Copies with the same done to them, at places that are spread over the recording. */
const ALTERATIONS: readonly (readonly [alteration: Alteration, copies: number])[] = [
  [alteredAt, 5],
  [withoutFieldAt, 3],
  [withoutLineAt, 1],
];

/** Copies of each small recording. */
export const COPIES = ALTERATIONS.reduce((sum, [, copies]) => sum + copies, 0);

/** Bytes of the largest recording that is altered. */
export const MOST_ALTERED = 16 * 1024;

/** A number, or bytes or a number in hex, as values are written in JSON. */
const VALUE = /"(?:0x)?[0-9a-f]{2,}"|:\s*-?\d+/g;

/** The text with the value behind one of its places changed in its last digit. */
function alteredAt(text: string, place: number): string {
  VALUE.lastIndex = place;
  const found = VALUE.exec(text);
  if (found === null) return text;
  const isHex = found[0].endsWith('"');
  const at = found.index + found[0].length - (isHex ? 2 : 1);
  const digit = Number.parseInt(text.charAt(at), isHex ? 16 : 10);
  const other = isHex ? (digit ^ 1).toString(16) : String((digit + 1) % 10);
  return text.slice(0, at) + other + text.slice(at + 1);
}

/** A name and its value, where this is no object or list, and a comma. */
const FIELD = /"[A-Za-z_]\w*":\s*(?:"[^"\n]*"|[-\w.]+)\s*,/g;

/** The text without the field behind one of its places. */
function withoutFieldAt(text: string, place: number): string {
  FIELD.lastIndex = place;
  const found = FIELD.exec(text);
  return found === null ? text : text.slice(0, found.index) + text.slice(found.index + found[0].length);
}

/** The text without the line behind one of its places. */
function withoutLineAt(text: string, place: number): string {
  const from = text.indexOf('\n', place);
  const to = text.indexOf('\n', from + 1);
  return from < 0 || to < 0 ? text : text.slice(0, from) + text.slice(to);
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

/** Where a copy lies. */
export function pathOfCopy(root: string, file: string, copy: number): string {
  return join(root, 'dist/mutation/altered', String(copy), file.replace(/\.gz$/, ''));
}

/** Writes the copies of a recording. */
export async function alter(root: string, folder: string, file: string): Promise<void> {
  const text = await textOf(join(folder, file));
  let copy = 0;
  for (const [alteration, copies] of ALTERATIONS) {
    for (let nth = 0; nth < copies; nth++) {
      const path = pathOfCopy(root, file, copy++);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, alteration(text, Math.floor(((nth + 0.5) * text.length) / copies)));
    }
  }
}
