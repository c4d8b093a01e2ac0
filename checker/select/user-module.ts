import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MSI_CHOICES } from '../../model/msi/rules.ts';
import { intended, type Override, type RuleChanges, type Rules } from '../../model/rules.ts';
import { VMM_CHOICES } from '../../model/vmm/rules.ts';
import type { Property } from '../../properties/property.ts';
import { UsageError } from './usage-error.ts';
import { messageOf, readProperties } from './user-property.ts';

/** Whether a `--design` is a module rather than axes: it looks like a path. */
export function isModulePath(selector: string): boolean {
  return /^(?:\.{1,2}\/|\/)/.test(selector) || /\.[cm]?[jt]s$/.test(selector);
}

const EXPECTED =
  'expected as default export an override {name, summary, source, rules} or a list of them, or a list of properties as `properties`';

/** What a user's own module adds. */
export interface UserModule {
  readonly overrides: readonly Override[];
  readonly properties: readonly Property[];
}

/**
 * Loads a user's own module, TypeScript or JavaScript: an override or a list of them as default export, properties
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
  return { name, kind, summary, source, rules: readRules(path, rules) } as Override;
}

function readRules(path: string, rules: object): RuleChanges {
  const guarded: Record<string, unknown> = {};
  for (const [point, decide] of Object.entries(rules)) {
    if (!Object.hasOwn(intended, point)) {
      const known = Object.keys(intended).join(', ');
      throw new UsageError(`${path}: no decision point '${point}'; known: ${known}`);
    }
    if (typeof decide !== 'function')
      throw new UsageError(`${path}: expected decision point '${point}' to be a function`);
    guarded[point] = guard(path, point as keyof Rules, decide as Decide);
  }
  return guarded as RuleChanges;
}

type Decide = (...args: readonly unknown[]) => unknown;

/** A user's function may throw or give something else than the model works with: then it is named, not the model. */
function guard(path: string, point: keyof Rules, decide: Decide): Decide {
  const model = intended[point] as Decide;
  return (...args) => {
    let decided: unknown;
    try {
      decided = decide(...args);
    } catch (error) {
      throw new UsageError(`${path}: decision point '${point}' threw: ${messageOf(error)}`);
    }
    const expected = model(...args);
    if (!isLike(decided, expected)) {
      throw new UsageError(
        `${path}: decision point '${point}' gave ${kindOf(decided)} where ${kindOf(expected)} was expected`,
      );
    }
    const choices: readonly unknown[] | undefined = CHOICES[point];
    if (choices !== undefined && !choices.includes(decided)) {
      throw new UsageError(
        `${path}: decision point '${point}' gave '${String(decided)}'; expected one of ${choices.join(', ')}`,
      );
    }
    return decided;
  };
}

/** What the decision points that give one of a few words can give. */
const CHOICES: { readonly [Point in keyof Rules]?: readonly string[] } = {
  ...VMM_CHOICES,
  ...MSI_CHOICES,
};

/** Whether the model can work with a value as with its own: null says that there is no such number or record. */
function isLike(value: unknown, own: unknown): boolean {
  if (value === null || own === null) return [value, own].every((each) => each === null || isNullable(each));
  if (typeof value !== typeof own || Array.isArray(value) !== Array.isArray(own)) return false;
  if (Array.isArray(value) && Array.isArray(own)) {
    const [first] = own as readonly unknown[];
    return value.every((each) => (first === undefined ? isPlain(each) : isLike(each, first)));
  }
  if (typeof value !== 'object' || typeof own !== 'object') return true;
  return Object.entries(own ?? {}).every(
    ([key, each]) => typeof (value as Readonly<Record<string, unknown>>)[key] === typeof each,
  );
}

/** What lists of the model are made of. */
function isPlain(value: unknown): boolean {
  return ['string', 'bigint', 'number', 'object'].includes(typeof value);
}

function isNullable(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'object';
}

function kindOf(value: unknown): string {
  if (value === null || typeof value === 'bigint') return 'a bigint or null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `a record of ${Object.keys(value).join(', ')}` : `a ${typeof value}`;
}
