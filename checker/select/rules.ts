import { composeRules, type Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { pathText } from '../outside/text.ts';
import type { Selection } from '../record.ts';
import { selectNamed } from './axes.ts';
import { isModulePath } from './module-path.ts';
import { inFile, UsageError } from './usage-error.ts';
import { loadModule, namesOf } from './user-module.ts';

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
  const named = selectNamed(
    designs.filter((selector) => !isModulePath(selector)),
    defects,
  );
  const design: Record<string, string> = { ...named.design };
  const own: Override[] = [];
  const properties: Property[] = [];
  for (const path of designs.filter(isModulePath)) {
    const loaded = await loadModule(path);
    own.push(...loaded.overrides);
    for (const property of loaded.properties) {
      if (properties.some(({ id }) => id === property.id))
        throw new UsageError(
          inFile(path, null, `property '${property.id}': expected an id that is not taken`),
        );
      properties.push(property);
    }
    design[path] = namesOf(loaded);
  }
  const overrides = [...named.axes, ...own, ...named.switched];
  return { rules: composeRules(overrides), overrides, properties, design, defects: named.defects };
}

/**
 * The rules under which a trace was recorded. A module that it names is loaded only if it is also among `modules`:
 * a trace comes from anywhere, and reading one must not run code.
 * @throws UsageError where the trace names what is not known here.
 */
export async function selectTraceRules(
  trace: Pick<Selection, 'design' | 'defects'>,
  modules: readonly string[],
): Promise<SelectedRules> {
  const entries = Object.entries(trace.design);
  const axes = entries.filter(([name]) => !isModulePath(name)).map(([axis, value]) => `${axis}=${value}`);
  for (const [path] of entries.filter(([name]) => isModulePath(name))) {
    if (!modules.includes(path))
      throw new UsageError(
        `the trace was recorded with '${pathText(path)}'; say --design ${pathText(path)} to load it`,
      );
  }
  return selectRules([...axes, ...modules], trace.defects);
}
