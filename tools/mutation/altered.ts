import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/*
 * Recordings with one value changed, somewhere. What agrees with every recording might agree with anything: with these, what conform
 * tells of a disagreement is compared, too.
 */

/** Copies of each small recording, changed at places that are spread over it. */
export const COPIES = 5;

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

/** Where a copy lies. */
export function pathOfCopy(root: string, file: string, copy: number): string {
  return join(root, 'dist/mutation/altered', String(copy), file.replace(/\.gz$/, ''));
}

/** Writes the copies of a recording. */
export async function alter(root: string, folder: string, file: string): Promise<void> {
  const text = gunzipSync(await readFile(join(folder, file))).toString();
  for (let copy = 0; copy < COPIES; copy++) {
    const path = pathOfCopy(root, file, copy);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, alteredAt(text, Math.floor(((copy + 0.5) * text.length) / COPIES)));
  }
}
