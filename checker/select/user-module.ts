import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import { intended, type Override, type Rules } from '../../model/rules.ts';
import { UsageError } from './usage-error.ts';

/** Whether a `--design` is a module rather than axes: it looks like a path. */
export function isModulePath(selector: string): boolean {
  return /^(?:\.{1,2}\/|\/)/.test(selector) || /\.[cm]?[jt]s$/.test(selector);
}

const EXPECTED = 'expected as default export an override {name, summary, source, rules} or a list of them';

/**
 * Loads a user's own design: TypeScript or JavaScript whose default export is an override or a list of them.
 * @throws UsageError where it cannot be loaded or is something else.
 */
export async function loadOverrides(path: string): Promise<readonly Override[]> {
  const exported = await importDefault(path);
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  return list.map((each) => readOverride(path, each));
}

const KINDS: readonly unknown[] = ['design', 'deviation', 'defect', 'mutant'] satisfies Override['kind'][];

async function importDefault(path: string): Promise<unknown> {
  const file = resolve(path);
  try {
    const jiti = createJiti(pathToFileURL(file).href, { fsCache: false, moduleCache: false });
    const module = await jiti.import<unknown>(file);
    if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  } catch (error) {
    throw new UsageError(`${path}: cannot be loaded: ${messageOf(error)}`);
  }
  throw new UsageError(`${path}: ${EXPECTED}`);
}

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

function readRules(path: string, rules: object): Partial<Rules> {
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
  return guarded as Partial<Rules>;
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
    const expected = kindOf(model(...args));
    if (kindOf(decided) !== expected) {
      throw new UsageError(
        `${path}: decision point '${point}' gave ${kindOf(decided)} where ${expected} was expected`,
      );
    }
    return decided;
  };
}

/** Where the model gives null, it says that there is no such 64-bit value. */
function kindOf(value: unknown): string {
  return value === null || typeof value === 'bigint' ? 'a bigint or null' : `a ${typeof value}`;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
