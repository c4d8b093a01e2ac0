import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { isPrintableLine, oneLine, thrownText } from '../outside/text.ts';
import { readText } from '../read-text.ts';
import { MAX_DESIGN, MAX_PATH } from '../trace/limits.ts';
import { digestOf } from './module-digest.ts';
import { inFile, UsageError } from './usage-error.ts';
import { MAX_SENTENCE, readProperties } from './user-property.ts';
import { readRules } from './user-rules.ts';

/** A design is a few names and words. */
const MAX_BYTES = 1 << 20;

const EXPECTED =
  'expected as default export an override {name, summary, source, rules} or a list of them, or a list of properties as `properties`';

/** What a user's own module adds. */
export interface UserModule {
  readonly overrides: readonly Override[];
  readonly properties: readonly Property[];
  /** Of its text. */
  readonly digest: string;
}

/**
 * Loads a user's own module, TypeScript, JavaScript, or JSON where all is values: an override or a list of them as default export, properties
 * under the name `properties`; either can be left out.
 * @throws UsageError where it cannot be loaded or has something else.
 */
export async function loadModule(path: string): Promise<UserModule> {
  if (path.length > MAX_PATH || !isPrintableLine(path))
    throw new UsageError(inFile(path, null, `expected a path of at most ${MAX_PATH} printable characters`));
  // First of all its text: what is no file, or has no end, is not run.
  const digest = digestOf(await textOf(path));
  const exports = await importModule(path);
  const module = readExports(path, exports);
  if (module.overrides.length + module.properties.length === 0)
    throw new UsageError(inFile(path, null, EXPECTED));
  if (namesOf(module).length > MAX_DESIGN)
    throw new UsageError(inFile(path, null, `expected names of at most ${MAX_DESIGN} characters together`));
  return { ...module, digest };
}

/** What a module exports; code of its own may run as it is read, and throw. */
function readExports(path: string, exports: Exports): Omit<UserModule, 'digest'> {
  try {
    const { default: exported, properties } = exports;
    const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
    return {
      overrides: exported === undefined ? [] : list.map((each) => readOverride(path, each)),
      properties: properties === undefined ? [] : readProperties(path, properties),
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(inFile(path, null, `cannot be read: ${thrownText(error)}`));
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readText(resolve(path), MAX_BYTES);
  } catch (error) {
    throw new UsageError(inFile(path, null, `cannot be loaded: ${thrownText(error)}`));
  }
}

/** What a trace says of a module under which it was recorded. */
export function namesOf({ overrides, properties }: Omit<UserModule, 'digest'>): string {
  return [...overrides.map(({ name }) => name), ...properties.map(({ id }) => id)].join(',');
}

interface Exports {
  readonly default?: unknown;
  readonly properties?: unknown;
}

async function importModule(path: string): Promise<Exports> {
  const file = resolve(path);
  try {
    // A design of values alone is data, and nothing of it is run.
    if (path.endsWith('.json')) return { default: JSON.parse(await readText(file, MAX_BYTES)) as unknown };
    const { createJiti } = await import('jiti');
    const jiti = createJiti(pathToFileURL(file).href, {
      fsCache: false,
      // A module may lie where nothing is installed; what it imports from here is what runs here.
      alias: { nestcheck: OWN },
      moduleCache: false,
      // A module without a default export has none, rather than itself.
      interopDefault: false,
    });
    const module = await inTime(jiti.import<unknown>(file));
    return typeof module === 'object' && module !== null ? module : {};
  } catch (error) {
    throw new UsageError(inFile(path, null, `cannot be loaded: ${thrownText(error)}`));
  }
}

/** Milliseconds within which a module must have run to its end. */
const LOADING = 20_000;

/**
 * What a promise gives. Rejects where it has not settled in time, and at once where nothing is left that could settle it, as with a
 * top-level `await` for nothing: the timer alone keeps no process alive.
 */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  let end = (): void => {};
  const never = new Promise<never>((_, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it did not end within ${LOADING / 1000} s`)),
      LOADING,
    ).unref();
    const atEnd = (): void => reject(new Error('it waits for something that never comes'));
    process.once('beforeExit', atEnd);
    end = () => {
      clearTimeout(timer);
      process.off('beforeExit', atEnd);
    };
  });
  try {
    return await Promise.race([promise, never]);
  } finally {
    end();
  }
}

/** The library, as programs import it. */
const OWN = createRequire(import.meta.url).resolve('nestcheck');

const KINDS: readonly unknown[] = ['design', 'deviation', 'defect', 'mutant'] satisfies Override['kind'][];

function readOverride(path: string, value: unknown): Override {
  if (typeof value !== 'object' || value === null) throw new UsageError(inFile(path, null, EXPECTED));
  const { name, kind = 'design', summary, source, rules } = value as Readonly<Record<string, unknown>>;
  for (const [key, text] of Object.entries({ name, summary, source })) {
    if (typeof text !== 'string' || text === '')
      throw new UsageError(inFile(path, null, `${EXPECTED}; ${key} is no text`));
  }
  if (!KINDS.includes(kind))
    throw new UsageError(inFile(path, null, `expected kind to be one of ${KINDS.join(', ')}`));
  if (typeof rules !== 'object' || rules === null)
    throw new UsageError(inFile(path, null, `${EXPECTED}; rules is no object`));
  // The three texts were looked at above.
  const texts = { name, summary, source } as { readonly [key in 'name' | 'summary' | 'source']: string };
  if (!/^[^\s,]{1,80}$/.test(texts.name) || !isPrintableLine(texts.name))
    throw new UsageError(
      inFile(path, null, 'expected name to be at most 80 printable characters without spaces and commas'),
    );
  return {
    name: texts.name,
    kind: kind as Override['kind'],
    summary: oneLine(texts.summary, MAX_SENTENCE),
    source: oneLine(texts.source, MAX_SENTENCE),
    rules: readRules(path, rules as Readonly<Record<string, unknown>>),
  };
}
