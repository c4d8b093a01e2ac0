import { clipped } from '../outside/text.ts';

/** Why a text is no JSON document that we read, and the line (from 1) where that shows. */
export class JsonError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'JsonError';
    this.line = line;
  }
}

export type JsonPath = readonly PropertyKey[];

/** A JSON value that can say on which line each part of it stood. */
export interface JsonDocument {
  readonly value: unknown;
  /** The line (from 1) of the part at this path, or of the nearest part around it that is there. */
  lineOf(path: JsonPath): number;
}

/** Nothing that we read nests deeper than a handful of levels; the bound keeps hostile input off the call stack. */
const MAX_DEPTH = 32;

/**
 * Values in one document, objects and lists among them. A trace of 16 MB has below a million; each costs memory of
 * which its few characters tell nothing.
 */
export const MAX_VALUES = 1 << 21;

/** Characters of a number: 64 bits have 20 digits, and `JSON.stringify` writes at most 25 characters. */
const MAX_NUMBER = 64;

/** Names that reach an object's prototype; no field of any format has them. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const [SPACE, QUOTE, BACKSLASH] = [0x20, 0x22, 0x5c];

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Told, while a text is read, where each member of each object and list begins. */
type Visit = (depth: number, key: PropertyKey, offset: number) => void;

/**
 * Reads one JSON document strictly (RFC 8259). Beyond the grammar it refuses a key that appears twice in an object,
 * keys that reach a prototype, nesting deeper than 32, long numbers, and more values than `most`.
 * @throws JsonError and nothing else.
 */
export function readJson(text: string, most: number = MAX_VALUES): JsonDocument {
  const value = new Reader(text, most, null).read();
  return { value, lineOf: (path) => lineAt(text, offsetOf(text, path)) };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Reads a text that was read before once more, for the place of one part: so reading costs no list of places. */
function offsetOf(text: string, path: JsonPath): number {
  let found = 0;
  let matched = 0;
  const visit: Visit = (depth, key, offset) => {
    if (depth !== matched || path[depth] !== key) return;
    matched++;
    found = offset;
  };
  new Reader(text, Number.POSITIVE_INFINITY, visit).read();
  return found;
}

class Reader {
  readonly #text: string;
  readonly #visit: Visit | null;
  #left: number;
  #at = 0;

  constructor(text: string, most: number, visit: Visit | null) {
    this.#text = text;
    this.#left = most;
    this.#visit = visit;
  }

  read(): unknown {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('expected nothing after the end of the document');
    return value;
  }

  #fail(message: string, offset = this.#at): never {
    throw new JsonError(message, lineAt(this.#text, offset));
  }

  /** Goes to the next character that is no white space, and gives it. */
  #space(): string {
    for (;;) {
      const char = this.#text.charAt(this.#at);
      if (char !== ' ' && char !== '\n' && char !== '\t' && char !== '\r') return char;
      this.#at++;
    }
  }

  #take(token: string): boolean {
    if (this.#space() !== token) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): unknown {
    const first = this.#space();
    if (--this.#left < 0) this.#fail('more values than any file of this kind has');
    if (first === '{' || first === '[') {
      if (depth === MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
      this.#at++;
      return first === '{' ? this.#object(depth) : this.#array(depth);
    }
    return first === '"' ? this.#string('a string') : this.#scalar();
  }

  #object(depth: number): unknown {
    const object: Record<string, unknown> = {};
    if (this.#take('}')) return object;
    do {
      const first = this.#space();
      const start = this.#at;
      if (first !== '"') this.#fail('expected a key in double quotes');
      const key = this.#string('a key in double quotes');
      if (FORBIDDEN_KEYS.has(key)) this.#fail(`the key '${key}' is not allowed`, start);
      if (Object.hasOwn(object, key)) this.#fail(`the key '${clipped(key, 60)}' appears twice`, start);
      this.#visit?.(depth, key, start);
      if (!this.#take(':')) this.#fail("expected ':'");
      object[key] = this.#value(depth + 1);
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail("expected ',' or '}'");
    return object;
  }

  #array(depth: number): unknown {
    const array: unknown[] = [];
    if (this.#take(']')) return array;
    do {
      this.#space();
      this.#visit?.(depth, array.length, this.#at);
      array.push(this.#value(depth + 1));
    } while (this.#take(','));
    if (!this.#take(']')) this.#fail("expected ',' or ']'");
    return array;
  }

  #string(what: string): string {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    let isEscaped = false;
    for (let code = text.charCodeAt(at); code >= SPACE && code !== QUOTE; code = text.charCodeAt(at)) {
      isEscaped ||= code === BACKSLASH;
      at += code === BACKSLASH ? 2 : 1;
    }
    this.#at = at + 1;
    if (!isEscaped && text.charCodeAt(at) === QUOTE) return text.slice(start + 1, at);
    try {
      return JSON.parse(text.slice(start, this.#at)) as string;
    } catch {
      return this.#fail(`expected ${what} that ends on its line, with JSON's escapes only`, start);
    }
  }

  #scalar(): unknown {
    const text = this.#text;
    const start = this.#at;
    let end = start;
    while (end < text.length && /[-+.\w]/.test(text.charAt(end))) {
      if (end - start > MAX_NUMBER) this.#fail(`expected a value of at most ${MAX_NUMBER} characters`);
      end++;
    }
    const word = text.slice(start, end);
    if (word !== 'true' && word !== 'false' && word !== 'null' && !NUMBER.test(word))
      this.#fail('expected a JSON value');
    this.#at = end;
    return JSON.parse(word) as unknown;
  }
}
