import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { readText } from '../read-text.ts';
import { UsageError } from './usage-error.ts';
import { messageOf, readProperties } from './user-property.ts';
import { readRules } from './user-rules.ts';

/** Whether a `--design` is a module rather than axes: it looks like a path. */
export function isModulePath(selector: string): boolean {
  return /^(?:\.{1,2}\/|\/)/.test(selector) || /\.(?:[cm]?[jt]s|json)$/.test(selector);
}

/** A design is a few names and words. */
const MAX_BYTES = 1 << 20;

const EXPECTED =
  'expected as default export an override {name, summary, source, rules} or a list of them, or a list of properties as `properties`';

/** What a user's own module adds. */
export interface UserModule {
  readonly overrides: readonly Override[];
  readonly properties: readonly Property[];
}

/**
 * Loads a user's own module, TypeScript, JavaScript, or JSON where all is values: an override or a list of them as default export, properties
 * under the name `properties`; either can be left out.
 * @throws UsageError where it cannot be loaded or has something else.
 */
export async function loadModule(path: string): Promise<UserModule> {
  const { default: exported, properties } = await importModule(path);
  if (exported === undefined && properties === undefined) throw new UsageError(`${path}: ${EXPECTED}`);
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  return {
    overrides: exported === undefined ? [] : list.map((each) => readOverride(path, each)),
    properties: properties === undefined ? [] : readProperties(path, properties),
  };
}

async function importModule(
  path: string,
): Promise<{ readonly default?: unknown; readonly properties?: unknown }> {
  const file = resolve(path);
  try {
    // A design of values alone is data, and nothing of it is run.
    if (path.endsWith('.json')) return { default: JSON.parse(await readText(file, MAX_BYTES)) as unknown };
    const { createJiti } = await import('jiti');
    const jiti = createJiti(pathToFileURL(file).href, {
      fsCache: false,
      moduleCache: false,
      // A module without a default export has none, rather than itself.
      interopDefault: false,
    });
    const module = await jiti.import<unknown>(file);
    return typeof module === 'object' && module !== null ? module : {};
  } catch (error) {
    throw new UsageError(`${path}: cannot be loaded: ${messageOf(error)}`);
  }
}

const KINDS: readonly unknown[] = ['design', 'deviation', 'defect', 'mutant'] satisfies Override['kind'][];

function readOverride(path: string, value: unknown): Override {
  if (typeof value !== 'object' || value === null) throw new UsageError(`${path}: ${EXPECTED}`);
  const { name, kind = 'design', summary, source, rules } = value as Readonly<Record<string, unknown>>;
  for (const [key, text] of Object.entries({ name, summary, source })) {
    if (typeof text !== 'string' || text === '')
      throw new UsageError(`${path}: ${EXPECTED}; ${key} is no text`);
  }
  if (!KINDS.includes(kind)) throw new UsageError(`${path}: expected kind to be one of ${KINDS.join(', ')}`);
  if (typeof rules !== 'object' || rules === null)
    throw new UsageError(`${path}: ${EXPECTED}; rules is no object`);
  // The three texts were looked at above.
  return {
    name,
    kind,
    summary,
    source,
    rules: readRules(path, rules as Readonly<Record<string, unknown>>),
  } as Override;
}
