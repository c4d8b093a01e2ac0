import { propertyOf } from '../checker/measure/defects.ts';
import { type SelectedRules, selectRules } from '../checker/select/rules.ts';
import type { Override } from '../model/rules.ts';
import { DEFECTS, DESIGN_AXES, MUTANTS, OVERRIDES } from '../overrides/index.ts';
import { PROPERTIES } from '../properties/index.ts';
import type { Property } from '../properties/property.ts';

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
  const values = DESIGN_AXES.flatMap((axis) =>
    axis.values
      .filter(({ overrides }) => overrides.includes(override))
      .map(({ name, overrides }) => ({ selector: `${axis.name}=${name}`, size: overrides.length })),
  );
  const [fewest] = values.sort((a, b) => a.size - b.size);
  if (fewest === undefined) throw new Error(`nothing selects ${override.name}`);
  return selectRules([fewest.selector], []);
}
