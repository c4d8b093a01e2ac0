import type { z } from 'zod';
import { SCOPES, scopeByName } from '../../workload/scopes/index.ts';
import type { PlatformChanges } from '../../workload/scopes/platform-changes.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { oneLine } from '../outside/text.ts';
import { selectNames, unknownText } from '../select/by-name.ts';
import { jsonFile } from '../select/json-file.ts';
import { askedBy, inFile, UsageError } from '../select/usage-error.ts';
import type { Trace } from '../trace/trace.ts';
import { changedScope, knowsSettings } from './apply.ts';
import { MAX_SETTINGS, platformFileSchema, settingText } from './schema.ts';

/** What a command line says of where to look. */
export interface WhereOptions {
  /** Names of scopes; none: all. */
  readonly scope: readonly string[];
  /** A platform file. */
  readonly platform?: string;
  /** `smmu0.IDR1.SSIDSIZE=0` */
  readonly set: readonly string[];
}

/**
 * The scopes that are meant, with what is changed of their platforms. Settings without a scope are made on every scope
 * that has what they name.
 * @throws UsageError in one line.
 */
export async function selectScopes(
  options: WhereOptions,
  all: readonly Scope[] = SCOPES,
): Promise<readonly Scope[]> {
  const { set } = options;
  const wrong = set.find((each) => !settingText.safeParse(each).success);
  if (wrong !== undefined || set.length > MAX_SETTINGS)
    throw new UsageError(
      `--set: expected up to ${MAX_SETTINGS} settings of at most 160 printable characters`,
    );
  if (options.platform !== undefined) return [await scopeOfFile(options.platform, options)];
  const scopes = selectNames('scope', all, ({ name }) => name, options.scope);
  if (set.length === 0) return scopes;
  const having = options.scope.length > 0 ? scopes : scopes.filter((scope) => knowsSettings(scope, set));
  const [first] = scopes;
  // Where no scope has it, the first one's complaint says what there is.
  const meant = having.length > 0 || first === undefined ? having : [first];
  return meant.map((scope) => changedScope(scope, { set }));
}

/** A platform file on the scope that it names, or that the command line names. */
async function scopeOfFile(path: string, { scope: asked, set }: WhereOptions): Promise<Scope> {
  const { scope: named, summary: _, ...changes } = await readPlatform(path);
  const names = asked.length > 0 ? asked : [named ?? 'one-smmu'];
  const [name = ''] = names;
  if (names.length > 1)
    throw new UsageError('--platform: expected one scope at most, since it is one platform');
  return askedBy(path, () => {
    const base = scopeByName(name);
    if (base === undefined)
      throw new UsageError(
        unknownText(
          'scope',
          name,
          SCOPES.map((each) => each.name),
        ),
      );
    const settings = [...(changes.set ?? []), ...set];
    const { set: __, ...parts } = changes;
    return changedScope(base, settings.length === 0 ? parts : { ...parts, set: settings });
  });
}

/** Bytes of a platform file, and values in it. */
const LIMITS = { bytes: 64 * 1024, values: 4000, what: 'a platform as JSON' };

async function readPlatform(path: string): Promise<z.output<typeof platformFileSchema>> {
  const document = await jsonFile(path, LIMITS);
  const parsed = platformFileSchema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = oneLine(issue?.path.map(String).join('.') || 'the platform', 100);
  const at = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : (issue?.path ?? []);
  throw new UsageError(
    inFile(path, document.lineOf(at), `${where}: ${oneLine(issue?.message ?? 'out of shape', 160)}`),
  );
}

/**
 * The scope of a trace, with the platform that the trace carries.
 * @throws UsageError where there is no such scope, or its changes cannot be made.
 */
export function scopeOfTrace({ scope: name, platform }: Pick<Trace, 'scope' | 'platform'>): Scope {
  const scope = scopeByName(name);
  if (scope === undefined)
    throw new UsageError(
      unknownText(
        'scope',
        name,
        SCOPES.map((each) => each.name),
      ),
    );
  return platform === undefined ? scope : changedScope(scope, platform);
}

/** The scope of this name and these changes: how a thread is told of it. */
export type ScopeOrder = { readonly name: string; readonly changes: PlatformChanges | null };

export function orderOf({ name, changes }: Scope): ScopeOrder {
  return { name, changes: changes ?? null };
}

export function scopeOfOrder({ name, changes }: ScopeOrder): Scope {
  return scopeOfTrace(changes === null ? { scope: name } : { scope: name, platform: changes });
}
