import type { Override } from '../model/rules.ts';
import { type AxisValue, DESIGN_AXES } from './axes.ts';

/** A choice on every axis. */
export interface Design {
  /** Axis name to value name. */
  readonly choice: Readonly<Record<string, string>>;
  readonly overrides: readonly Override[];
}

/** Why selectors are no design: a sentence, and the name that there is not, if that is why. */
export interface Unresolved {
  readonly error: string;
  readonly unknown?: { readonly what: string; readonly name: string; readonly known: readonly string[] };
}

/**
 * Reads selectors such as `kernel=linux-7.2,msi=rmr-window`; axes that none names have their default. Gives a
 * sentence that names what is known where a selector names something else, or two choices where one is expected.
 */
export function resolveDesign(selectors: readonly string[]): Design | Unresolved {
  const chosen = new Map<string, AxisValue>(
    DESIGN_AXES.map((axis) => [axis.name, axis.values[0] as AxisValue]),
  );
  const said = new Set<string>();
  for (const part of selectors.flatMap((selector) => selector.split(','))) {
    const [axisName = '', valueName, ...rest] = part.split('=');
    const axis = DESIGN_AXES.find((candidate) => candidate.name === axisName);
    if (axis === undefined) {
      return unknown(
        'design axis',
        axisName,
        DESIGN_AXES.map(({ name }) => name),
      );
    }
    const value = rest.length > 0 ? undefined : axis.values.find((candidate) => candidate.name === valueName);
    if (value === undefined) {
      return unknown(
        'design',
        part,
        axis.values.map(({ name }) => `${axis.name}=${name}`),
      );
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

function unknown(what: string, name: string, known: readonly string[]): Unresolved {
  return { error: `unknown ${what} '${name}'; known: ${known.join(', ')}`, unknown: { what, name, known } };
}
