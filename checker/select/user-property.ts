import { CALLS_PROPERTIES } from '../../properties/calls/index.ts';
import { ALL_PROPERTIES } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import { frozen } from '../outside/frozen.ts';
import { oneLine, thrownText } from '../outside/text.ts';
import { MAX_VIOLATION } from '../trace/limits.ts';
import { inFile, UsageError } from './usage-error.ts';

type Optional<P> = P extends unknown ? Omit<P, 'brokenBy'> & Partial<Pick<Property, 'brokenBy'>> : never;

/** A property of one's own: as any other, but nothing need be named that breaks it. */
export type UserProperty = Optional<Property>;

const KINDS: readonly unknown[] = ['state', 'step', 'reachability', 'pair'] satisfies Property['kind'][];

const EXPECTED = 'expected properties to be a list of {id, sentence, source, kind, violated, witness}';

/**
 * The properties that a user's module exports under that name.
 * @throws UsageError where one of them is something else, or has an id that is taken.
 */
export function readProperties(path: string, exported: unknown): readonly Property[] {
  if (!Array.isArray(exported)) throw new UsageError(inFile(path, null, EXPECTED));
  const properties = exported.map((each: unknown) => readProperty(path, each));
  const taken = new Set([...ALL_PROPERTIES, ...CALLS_PROPERTIES].map(({ id }) => id));
  for (const { id } of properties) {
    if (taken.has(id))
      throw new UsageError(inFile(path, null, `property '${id}': expected an id that is not taken`));
    taken.add(id);
  }
  return properties;
}

function readProperty(path: string, value: unknown): Property {
  if (typeof value !== 'object' || value === null) throw new UsageError(inFile(path, null, EXPECTED));
  const given = value as Readonly<Record<string, unknown>>;
  const { id, sentence, source, kind, violated, witness, appliesTo, brokenBy = '' } = given;
  if (typeof id !== 'string' || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id) || id.length > 80)
    throw new UsageError(inFile(path, null, `${EXPECTED}; id is not in kebab-case`));
  const fail = (expected: string): never => {
    throw new UsageError(inFile(path, null, `property '${id}': ${expected}`));
  };
  for (const [key, text] of Object.entries({ sentence, source }))
    if (typeof text !== 'string' || text === '') fail(`expected ${key} to be a text`);
  if (typeof brokenBy !== 'string') fail('expected brokenBy to be the name of an override');
  if (!KINDS.includes(kind)) fail(`expected kind to be one of ${KINDS.join(', ')}`);
  for (const [key, part] of Object.entries({ violated, witness, appliesTo: appliesTo ?? violated }))
    if (typeof part !== 'function') fail(`expected ${key} to be a function`);
  const guarded = {
    violated: guard(violated as Predicate, 'a sentence or null', isViolation, fail, 'violated'),
    witness: guard(witness as Predicate, 'true or false', isBoolean, fail, 'witness'),
    ...(typeof appliesTo === 'function'
      ? { appliesTo: guard(appliesTo as Predicate, 'true or false', isBoolean, fail, 'appliesTo') }
      : {}),
  };
  // Each part was looked at above; what the predicates take depends on the kind, which only TypeScript can tell them.
  const texts = {
    sentence: oneLine(sentence as string, MAX_SENTENCE),
    source: oneLine(source as string, MAX_SENTENCE),
  };
  return { id, ...texts, kind, brokenBy, ...guarded } as unknown as Property;
}

/** Characters of what a property says must hold, and where that is from. */
export const MAX_SENTENCE = 1000;

type Predicate = (...args: readonly unknown[]) => unknown;

function isViolation(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() !== '');
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** A user's function may throw or give something else: then it is named, not the checker. */
function guard(
  predicate: Predicate,
  expected: string,
  isExpected: (value: unknown) => boolean,
  fail: (message: string) => never,
  name: string,
): Predicate {
  return (...args) => {
    let value: unknown;
    try {
      value = predicate(...frozen(args));
    } catch (error) {
      return fail(`${name} threw: ${thrownText(error)}`);
    }
    if (!isExpected(value)) fail(`${name} gave ${kindOf(value)} where ${expected} was expected`);
    // A trace keeps what was said: in one line, and no longer than one is read.
    return typeof value === 'string' ? oneLine(value, MAX_VIOLATION) : value;
  };
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'an empty text';
  if (value === undefined || value === null) return 'nothing';
  return `a ${typeof value}`;
}
