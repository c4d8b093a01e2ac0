import type { Override } from '../model/rules.ts';
import { type AxisValue, DESIGN_AXES } from './axes.ts';

/** A choice on every axis. */
export interface Design {
  /** Axis name to value name. */
  readonly choice: Readonly<Record<string, string>>;
  readonly overrides: readonly Override[];
}

/**
 * Reads selectors such as `kernel=linux-7.2,msi=rmr-window`; axes that none names have their default. Gives a
 * sentence that names what is known where a selector names something else, or two choices where one is expected.
 */
export function resolveDesign(selectors: readonly string[]): Design | { readonly error: string } {
  const chosen = new Map<string, AxisValue>(
    DESIGN_AXES.map((axis) => [axis.name, axis.values[0] as AxisValue]),
  );
  const said = new Set<string>();
  for (const part of selectors.flatMap((selector) => selector.split(','))) {
    const [axisName = '', valueName, ...rest] = part.split('=');
    const axis = DESIGN_AXES.find((candidate) => candidate.name === axisName);
    if (axis === undefined) {
      return {
        error: `unknown design axis "${axisName}"; known: ${DESIGN_AXES.map((a) => a.name).join(', ')}`,
      };
    }
    const value = rest.length > 0 ? undefined : axis.values.find((candidate) => candidate.name === valueName);
    if (value === undefined) {
      const known = axis.values.map((v) => `${axis.name}=${v.name}`).join(', ');
      return { error: `unknown design "${part}"; known: ${known}` };
    }
    if (said.has(axis.name) && chosen.get(axis.name) !== value) {
      return {
        error: `contradictory designs: ${axis.name} is both ${chosen.get(axis.name)?.name} and ${value.name}`,
      };
    }
    said.add(axis.name);
    chosen.set(axis.name, value);
  }
  return {
    choice: Object.fromEntries([...chosen].map(([axis, value]) => [axis, value.name])),
    overrides: [...chosen.values()].flatMap((value) => value.overrides),
  };
}
