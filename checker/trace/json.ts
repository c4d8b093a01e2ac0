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

/** A JSON value that still knows on which line each part of it stood. */
export interface JsonDocument {
  readonly value: unknown;
  /** The line (from 1) of the part at this path, or of the nearest part around it that is there. */
  lineOf(path: JsonPath): number;
}

/** Nothing that we read nests deeper than a handful of levels; the bound keeps hostile input off the call stack. */
const MAX_DEPTH = 32;

/** Names that reach an object's prototype; no field of any format has them. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;

/**
 * Reads one JSON document strictly (RFC 8259). Beyond the grammar it refuses a key that appears twice in an object,
 * keys that reach a prototype, and nesting deeper than 32.
 * @throws JsonError and nothing else.
 */
export function readJson(text: string): JsonDocument {
  const offsets = new Map<object, Map<PropertyKey, number>>();
  let at = 0;

  const lineAt = (offset: number): number => {
    let line = 1;
    for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++;
    return line;
  };
  const fail = (message: string, offset = at): never => {
    throw new JsonError(message, lineAt(offset));
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const expectToken = (token: string): void => {
    if (text[at] !== token) fail(`expected '${token}'`);
    at++;
  };
  const take = (token: string): boolean => {
    match(SPACE);
    if (text[at] !== token) return false;
    at++;
    return true;
  };

  const readString = (what: string): string => {
    const start = at;
    if (text[at] !== '"') fail(`expected ${what}`);
    do at += text[at] === '\\' ? 2 : 1;
    while (at < text.length && text[at] !== '"' && text.charCodeAt(at) >= 0x20);
    at++;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail(`expected ${what} that ends on its line, with JSON's escapes only`, start);
    }
  };

  const readObject = (depth: number): unknown => {
    const object: Record<string, unknown> = {};
    const where = new Map<PropertyKey, number>();
    offsets.set(object, where);
    if (take('}')) return object;
    do {
      match(SPACE);
      const start = at;
      const key = readString('a key in double quotes');
      if (FORBIDDEN_KEYS.has(key)) fail(`the key '${key}' is not allowed`, start);
      if (where.has(key)) fail(`the key '${key}' appears twice`, start);
      where.set(key, start);
      match(SPACE);
      expectToken(':');
      object[key] = readValue(depth);
    } while (take(','));
    if (!take('}')) fail("expected ',' or '}'");
    return object;
  };

  const readArray = (depth: number): unknown => {
    const array: unknown[] = [];
    const where = new Map<PropertyKey, number>();
    offsets.set(array, where);
    if (take(']')) return array;
    do {
      match(SPACE);
      where.set(array.length, at);
      array.push(readValue(depth));
    } while (take(','));
    if (!take(']')) fail("expected ',' or ']'");
    return array;
  };

  const readValue = (depth: number): unknown => {
    match(SPACE);
    const first = text[at];
    if (first === '{' || first === '[') {
      if (depth === 0) fail(`nested deeper than ${MAX_DEPTH} levels`);
      at++;
      return first === '{' ? readObject(depth - 1) : readArray(depth - 1);
    }
    if (first === '"') return readString('a string');
    const scalar = match(NUMBER) ?? match(LITERAL) ?? fail('expected a JSON value');
    return JSON.parse(scalar) as unknown;
  };

  const value = readValue(MAX_DEPTH);
  match(SPACE);
  if (at < text.length) fail('expected nothing after the end of the document');
  return {
    value,
    lineOf: (path) => {
      let here: unknown = value;
      let offset = 0;
      for (const key of path) {
        const known = typeof here === 'object' && here !== null ? offsets.get(here)?.get(key) : undefined;
        if (known === undefined) break;
        offset = known;
        here = (here as Record<PropertyKey, unknown>)[key];
      }
      return lineAt(offset);
    },
  };
}
