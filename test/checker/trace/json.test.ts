import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { JsonError, readJson } from '../../../checker/trace/json.ts';

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** The error of a text that is not read. */
function errorOf(text: string): JsonError {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error(`read: ${text}`);
}

describe('a JSON document', () => {
  const value = fc.jsonValue().filter((json) => !FORBIDDEN.some((key) => JSON.stringify(json).includes(key)));

  test.prop([value, fc.constantFrom(undefined, 1, '\t')])(
    'is read as JSON.parse reads it',
    (json, indent) => {
      const text = JSON.stringify(json, null, indent);
      expect(readJson(text).value).toEqual(JSON.parse(text));
    },
  );

  test.prop([fc.string()])('is refused where JSON.parse refuses it, always with the typed error', (text) => {
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    if (parses) expect(readJson(text).value).toEqual(JSON.parse(text));
    else expect(errorOf(text)).toBeInstanceOf(JsonError);
  });

  it('knows on which line each of its parts stands', () => {
    const document = readJson('{\n "a": [\n  1,\n  {"b": 2}\n ],\n\n "c": null\n}');
    expect(document.lineOf([])).toBe(1);
    expect(document.lineOf(['a'])).toBe(2);
    expect(document.lineOf(['a', 0])).toBe(3);
    expect(document.lineOf(['a', 1, 'b'])).toBe(4);
    expect(document.lineOf(['c'])).toBe(7);
  });

  it('says the line of what is around a part that is not there', () => {
    expect(readJson('{\n "a": {}\n}').lineOf(['a', 'b', 'c'])).toBe(2);
  });
});

describe('a text that is no JSON document', () => {
  const cases: readonly [text: string, line: number, message: string][] = [
    ['', 1, 'expected a JSON value'],
    ['{\n"a": 1,\n}', 3, 'expected a key in double quotes'],
    ['{"a" 1}', 1, "expected ':'"],
    ['[1\n2]', 2, "expected ',' or ']'"],
    ['{"a": 1', 1, "expected ',' or '}'"],
    ['1\n1', 2, 'expected nothing after the end of the document'],
    ['["a\nb"]', 1, "expected a string that ends on its line, with JSON's escapes only"],
    ['["\\x"]', 1, "expected a string that ends on its line, with JSON's escapes only"],
    ['[01]', 1, 'expected a JSON value'],
    [`[${'1'.repeat(100)}]`, 1, 'expected a value of at most 64 characters'],
    ['[NaN]', 1, 'expected a JSON value'],
    ['{"a": 1, "a": 2}', 1, "the key 'a' appears twice"],
    ['{"__proto__": {"polluted": 1}}', 1, "the key '__proto__' is not allowed"],
    ['{"\\u005f_proto__": 1}', 1, "the key '__proto__' is not allowed"],
    ['{\n"constructor": 1}', 2, "the key 'constructor' is not allowed"],
  ];

  it.each(cases)('%j is refused at line %i: %s', (text, line, message) => {
    expect(errorOf(text)).toMatchObject({ line, message });
  });

  it('is refused however deep it nests, on a small stack', () => {
    expect(errorOf('['.repeat(1_000_000)).message).toBe('nested deeper than 32 levels');
    expect(errorOf('{"a":'.repeat(1_000_000)).message).toBe('nested deeper than 32 levels');
  });

  it('is refused without reading a long string again and again', () => {
    const started = performance.now();
    expect(errorOf(`["${'a'.repeat(5_000_000)}`).line).toBe(1);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
