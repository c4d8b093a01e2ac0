import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/*
 * Recordings with one value changed, one field left out, one line left out, repeated or broken off. What agrees with every recording
 * might agree with anything: with these, what conform tells of a disagreement, and of what it cannot read, is compared, too.
 */

/** Bytes of the largest recording that is altered. */
export const MOST_ALTERED = 128 * 1024;

/** Recordings of a folder in which the same is done to the same kind of field or line. */
const MOST_OF_A_KIND = 2;

/** Bytes of text of a recording that takes so long to replay that only what nothing smaller has is altered in it. */
const LONG = 256 * 1024;

/** What is done to a text, and where it can be. */
interface Alteration {
  /** Kinds of places, each with where there is one. */
  placesIn(text: string): ReadonlyMap<string, readonly number[]>;
  alter(text: string, place: number): string;
}

/** A name, and a number, or bytes or a number in hex, as values are written in JSON. */
const VALUE = /"([A-Za-z_]\w*)":\s*(?:"(?:0x)?[0-9a-f]{2,}"|-?\d+)/g;

/** A name and its value, where this is no object or list, and a comma. */
const FIELD = /"([A-Za-z_]\w*)":\s*(?:"[^"\n]*"|[-\w.]+)\s*,/g;

/** What kind of line it is, in recordings that have a line for each event. */
const KIND_OF_LINE = /"(?:ev|e)":\s*"([\w-]+)"/;

const LINE = /[^\n]+/g;

/** Where a pattern matches, by what it captures, and by the kind of line. */
function placesOf(pattern: RegExp, text: string): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const { index: start, 0: line } of text.matchAll(LINE)) {
    const event = KIND_OF_LINE.exec(line)?.[1] ?? '';
    for (const { index, 1: name = '' } of line.matchAll(pattern)) {
      const kind = `${event} ${name}`;
      const known = places.get(kind) ?? [];
      places.set(kind, known);
      known.push(start + index);
    }
  }
  return places;
}

/** What a pattern matches at a place. */
function at(pattern: RegExp, text: string, place: number): string {
  const here = new RegExp(pattern.source, 'y');
  here.lastIndex = place;
  return here.exec(text)?.[0] ?? '';
}

/** The text with a value changed in its last digit. */
function withOther(text: string, place: number): string {
  const found = at(VALUE, text, place);
  const isHex = found.endsWith('"');
  const last = place + found.length - (isHex ? 2 : 1);
  const digit = Number.parseInt(text.charAt(last), isHex ? 16 : 10);
  const other = isHex ? (digit ^ 1).toString(16) : String((digit + 1) % 10);
  return text.slice(0, last) + other + text.slice(last + 1);
}

function withoutField(text: string, place: number): string {
  return text.slice(0, place) + text.slice(place + at(FIELD, text, place).length);
}

/** Where lines begin, by their kinds. A text of one line is one document. */
function linesOf(text: string): ReadonlyMap<string, readonly number[]> {
  return KIND_OF_LINE.test(text) ? placesOf(/^(?=\{)/g, text) : new Map();
}

function endOf(text: string, place: number): number {
  const end = text.indexOf('\n', place);
  return end < 0 ? text.length : end + 1;
}

const ALTERATIONS: readonly Alteration[] = [
  { placesIn: (text) => placesOf(VALUE, text), alter: withOther },
  { placesIn: (text) => placesOf(FIELD, text), alter: withoutField },
  { placesIn: linesOf, alter: (text, place) => text.slice(0, place) + text.slice(endOf(text, place)) },
  {
    placesIn: linesOf,
    alter: (text, place) => {
      const end = endOf(text, place);
      return text.slice(0, end) + text.slice(place, end) + text.slice(end);
    },
  },
  // Whoever wrote it was interrupted in this line.
  {
    placesIn: linesOf,
    alter: (text, place) => text.slice(0, Math.floor((place + endOf(text, place)) / 2)),
  },
];

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

/** Where a copy lies. */
export function pathOfCopy(root: string, file: string, copy: number): string {
  return join(root, 'dist/mutation/altered', String(copy), file.replace(/\.gz$/, ''));
}

/** Alters recordings, each kind of field and line of a folder in few of them: in which is a matter of their order. */
export class Altered {
  readonly #root: string;
  readonly #done = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Writes the copies of a recording; how many there are. */
  async copiesOf(folder: string, file: string): Promise<number> {
    const text = await textOf(join(folder, file));
    let copies = 0;
    for (const [nth, { placesIn, alter }] of ALTERATIONS.entries()) {
      for (const [kind, places] of placesIn(text)) {
        const what = `${nth} ${dirname(file)} ${kind}`;
        const before = this.#done.get(what) ?? 0;
        if (before >= (text.length > LONG ? 1 : MOST_OF_A_KIND)) continue;
        this.#done.set(what, before + 1);
        // The first of its kind in one recording, one in the middle of another.
        const place = places[Math.floor((before * places.length) / MOST_OF_A_KIND)] ?? 0;
        const path = pathOfCopy(this.#root, file, copies++);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, alter(text, place));
      }
    }
    return copies;
  }
}
