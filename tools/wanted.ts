import { propertyOf } from '../checker/measure/defects.ts';
import { type SelectedRules, selectRules } from '../checker/select/rules.ts';
import type { Override } from '../model/rules.ts';
import { DEFECTS, DESIGN_AXES, MUTANTS, OVERRIDES } from '../overrides/index.ts';
import { PROPERTIES } from '../properties/index.ts';
import type { Property } from '../properties/property.ts';
import { designFolder } from './committed.ts';

/** An override and a property that it must break: a trace of it is committed as `counterexamples/<override>/<property>.json`. */
export interface Wanted {
  readonly override: Override;
  readonly property: Property;
}

/** Every property with the override that it names, every defect with the property that must find it. */
export function wanted(): readonly Wanted[] {
  const named = PROPERTIES.flatMap((property) =>
    OVERRIDES.filter(({ name }) => name === property.brokenBy).map((override) => ({ override, property })),
  );
  const found = DEFECTS.flatMap((override) => {
    const property = propertyOf(override);
    return property === undefined || property.brokenBy === override.name ? [] : [{ override, property }];
  });
  return [...named, ...found];
}

/** What a person would select to have an override: `--defect NAME`, or the value of an axis that has it among the fewest. */
export async function selectionWith(override: Override): Promise<SelectedRules> {
  if (DEFECTS.includes(override) || MUTANTS.includes(override)) return selectRules([], [override.name]);
  const design = smallestWith(override);
  if (design === null) throw new Error(`nothing selects ${override.name}`);
  return selectRules([`${design.axis}=${design.value}`], []);
}

/** The folder of counterexamples to the design that has an override; null where no design has it. */
export function designOf(override: Override): string | null {
  const design = smallestWith(override);
  return design === null ? null : designFolder(design.axis, design.value);
}

function smallestWith(override: Override): { readonly axis: string; readonly value: string } | null {
  const values = DESIGN_AXES.flatMap((axis) =>
    axis.values
      .filter(({ overrides }) => overrides.includes(override))
      .map(({ name, overrides }) => ({ axis: axis.name, value: name, size: overrides.length })),
  );
  return values.sort((a, b) => a.size - b.size)[0] ?? null;
}
