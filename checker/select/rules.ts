import { composeRules, type Override } from '../../model/rules.ts';
import { DEFECTS, resolveDesign } from '../../overrides/index.ts';
import type { Selection } from '../record.ts';
import { selectNames } from './by-name.ts';
import { UsageError } from './usage-error.ts';
import { isModulePath, loadOverrides } from './user-module.ts';

/**
 * The rules that `--design` (axes such as `kernel=linux-7.2,msi=rmr-window`, or paths of a user's own modules) and
 * `--defect` choose. The user's modules lie on top of the axes, defects on top of all.
 * @throws UsageError naming what is known where something is not.
 */
export async function selectRules(
  designs: readonly string[],
  defects: readonly string[],
): Promise<Selection> {
  const axes = resolveDesign(designs.filter((selector) => !isModulePath(selector)));
  if ('error' in axes) throw new UsageError(axes.error);
  const chosenDefects = selectNames('defect', DEFECTS, ({ name }) => name, defects);
  const design: Record<string, string> = { ...axes.choice };
  const own: Override[] = [];
  for (const path of designs.filter(isModulePath)) {
    const overrides = await loadOverrides(path);
    own.push(...overrides);
    design[path] = overrides.map(({ name }) => name).join(',');
  }
  return {
    rules: composeRules([...axes.overrides, ...own, ...(defects.length === 0 ? [] : chosenDefects)]),
    design,
    defects: defects.length === 0 ? [] : chosenDefects.map(({ name }) => name),
  };
}

/**
 * The rules under which a trace was recorded. A module that it names is loaded only if it is also among `modules`:
 * a trace comes from anywhere, and reading one must not run code.
 * @throws UsageError where the trace names what is not known here.
 */
export async function selectTraceRules(
  trace: Pick<Selection, 'design' | 'defects'>,
  modules: readonly string[],
): Promise<Selection> {
  const entries = Object.entries(trace.design);
  const axes = entries.filter(([name]) => !isModulePath(name)).map(([axis, value]) => `${axis}=${value}`);
  for (const [path] of entries.filter(([name]) => isModulePath(name))) {
    if (!modules.includes(path))
      throw new UsageError(`the trace was recorded with '${path}'; say --design ${path} to load it`);
  }
  return selectRules([...axes, ...modules], trace.defects);
}
