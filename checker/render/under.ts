import { readIdentity } from '../select/module-identity.ts';
import { isModulePath } from '../select/module-path.ts';

/** The design of a trace in words, one for each axis and module: `kernel=linux-7.2`, `./mine.ts=shared-vmid`. */
export function designWords(design: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(design).map(([axis, value]) =>
    isModulePath(axis) ? `${axis}=${readIdentity(value).names.replaceAll(',', '+')}` : `${axis}=${value}`,
  );
}

/** The same with the defects that are switched on. */
export function underWords(under: {
  readonly design: Readonly<Record<string, string>>;
  readonly defects: readonly string[];
}): readonly string[] {
  return [...designWords(under.design), ...under.defects.map((name) => `defect ${name}`)];
}
