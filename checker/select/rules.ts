import { composeRules, type Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { oneLine, pathText } from '../outside/text.ts';
import type { Selection } from '../record.ts';
import { selectNamed } from './axes.ts';
import { identityText, readIdentity } from './module-identity.ts';
import { isModulePath } from './module-path.ts';
import { inFile, UsageError } from './usage-error.ts';
import { loadModule, namesOf, type UserModule } from './user-module.ts';

/** A selection, and the overrides that make its rules, later ones on top. */
export interface SelectedRules extends Selection {
  readonly overrides: readonly Override[];
  /** The properties of the user's own modules. */
  readonly properties: readonly Property[];
}

/**
 * The rules that `--design` (axes such as `kernel=linux-7.2,msi=rmr-window`, or paths of a user's own modules) and
 * `--defect` choose. The user's modules lie on top of the axes, defects on top of all.
 * @throws UsageError naming what is known where something is not.
 */
export async function selectRules(
  designs: readonly string[],
  defects: readonly string[],
): Promise<SelectedRules> {
  const modules = await loadAll(designs.filter(isModulePath));
  return composed(
    designs.filter((selector) => !isModulePath(selector)),
    modules,
    defects,
  );
}

/** A user's module, and where it is. */
interface Loaded extends UserModule {
  readonly path: string;
}

async function loadAll(paths: readonly string[]): Promise<readonly Loaded[]> {
  const modules: Loaded[] = [];
  for (const path of paths) modules.push({ path, ...(await loadModule(path)) });
  return modules;
}

function composed(
  selectors: readonly string[],
  modules: readonly Loaded[],
  defects: readonly string[],
): SelectedRules {
  const named = selectNamed(selectors, defects);
  const design: Record<string, string> = { ...named.design };
  const properties: Property[] = [];
  for (const { path, ...loaded } of modules) {
    for (const property of loaded.properties) {
      if (properties.some(({ id }) => id === property.id))
        throw new UsageError(
          inFile(path, null, `property '${property.id}': expected an id that is not taken`),
        );
      properties.push(property);
    }
    design[path] = identityText({ names: namesOf(loaded), digest: loaded.digest });
  }
  const overrides = [...named.axes, ...modules.flatMap((each) => each.overrides), ...named.switched];
  return { rules: composeRules(overrides), overrides, properties, design, defects: named.defects };
}

/** The rules of a trace, and what has become of the modules with which it was recorded. */
export interface TraceRules extends SelectedRules {
  /** Modules of the same names whose text is another now, by their paths. */
  readonly changedModules: readonly string[];
}

/**
 * The rules under which a trace was recorded. A module that it names is loaded only if one that brings the same along is
 * also among `designs`: a trace comes from anywhere, and reading one must not run code. Where that lies does not matter.
 * @throws UsageError where the trace names what is not known here.
 */
export async function selectTraceRules(
  trace: Pick<Selection, 'design' | 'defects'>,
  designs: readonly string[],
): Promise<TraceRules> {
  const entries = Object.entries(trace.design);
  const axes = entries.filter(([name]) => !isModulePath(name)).map(([axis, value]) => `${axis}=${value}`);
  const paths = designs.filter(isModulePath);
  const recorded = entries.filter(([name]) => isModulePath(name));
  const [first] = recorded;
  if (first !== undefined && paths.length === 0) throw notGiven(first);
  const modules = await loadAll(paths);
  const changedModules = recorded.flatMap(([path, text]) => {
    const { names, digest } = readIdentity(text);
    const same = modules.filter((each) => namesOf(each) === names || (names === '' && each.path === path));
    if (same.length === 0) throw notGiven([path, text]);
    const isUnchanged = digest === null || same.some((each) => each.digest === digest);
    return isUnchanged ? [] : same.map((each) => each.path);
  });
  const selectors = designs.filter((selector) => !isModulePath(selector));
  return { ...composed([...axes, ...selectors], modules, trace.defects), changedModules };
}

function notGiven([path, text]: readonly [string, string]): UsageError {
  const { names } = readIdentity(text);
  const what = names === '' ? '' : ` (${oneLine(names, 100)})`;
  return new UsageError(
    `the trace was recorded with '${pathText(path)}'${what}; say --design ${pathText(path)} to load it, or where it is now`,
  );
}
