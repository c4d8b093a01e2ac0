import { appliesTo } from '../../checker/applicable.ts';
import { changedScope } from '../../checker/platform/apply.ts';
import type { Setting } from '../../checker/run.ts';
import { selectNamed } from '../../checker/select/axes.ts';
import { selectNames } from '../../checker/select/by-name.ts';
import { isModulePath } from '../../checker/select/module-path.ts';
import { UsageError } from '../../checker/select/usage-error.ts';
import { DESIGN_AXES } from '../../overrides/index.ts';
import { ALL_PROPERTIES, PROPERTIES } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import { SCOPES } from '../../workload/scopes/index.ts';
import { changesText, type PlatformChanges } from '../../workload/scopes/platform-changes.ts';

/** Under what a run is made, by names: what a link, a file or a form says. */
export interface Choice {
  readonly scope: string;
  /** `kernel=linux-7.2` */
  readonly designs: readonly string[];
  readonly defects: readonly string[];
  /** What is changed of the scope's platform; left out: nothing. */
  readonly platform?: PlatformChanges;
}

/** What a choice stands for. */
export interface Ground extends Setting {
  readonly choice: Choice;
  /** Every axis with its value. */
  readonly design: Readonly<Record<string, string>>;
  readonly defects: readonly string[];
  /** Those that are looked at: of all properties that mean something here, and whatever was asked for by name. */
  readonly properties: readonly Property[];
}

/**
 * What the names of a choice stand for; `asked`: a property that is looked at whether or not it is among the usual ones.
 * @throws UsageError naming what is known where something is not.
 */
export function groundOf(choice: Choice, asked: string | null = null): Ground {
  const modules = choice.designs.find(isModulePath);
  if (modules !== undefined)
    throw new UsageError(
      `'${modules}' is a module of its author's own; a page runs no such code, nestcheck replay --design does`,
    );
  const [named] = selectNames('scope', SCOPES, ({ name }) => name, [choice.scope]);
  if (named === undefined) throw new Error('a selection of one name is one thing');
  const scope = choice.platform === undefined ? named : changedScope(named, choice.platform);
  const { rules, design, defects } = selectNamed(choice.designs, choice.defects);
  const [wanted] = asked === null ? [] : selectNames('property', ALL_PROPERTIES, ({ id }) => id, [asked]);
  const usual = PROPERTIES.filter((property) => appliesTo(property, scope));
  const properties = wanted === undefined || usual.includes(wanted) ? usual : [...usual, wanted];
  return { scope, rules, choice, design, defects, properties };
}

/** A choice as traces have it, every axis said, as the shortest that means the same. */
export function choiceOf(trace: {
  readonly scope: string;
  readonly design: Readonly<Record<string, string>>;
  readonly defects: readonly string[];
  readonly platform?: PlatformChanges;
}): Choice {
  const designs = Object.entries(trace.design).flatMap(([axis, value]) => {
    if (isModulePath(axis)) return [axis];
    return DESIGN_AXES.some(({ name, values }) => name === axis && values[0]?.name === value)
      ? []
      : [`${axis}=${value}`];
  });
  const { scope, defects, platform } = trace;
  return { scope, designs, defects, ...(platform === undefined ? {} : { platform }) };
}

/** A choice in one line, as a script begins: `scope one-smmu, kernel=linux-7.2, defect lost-header-counted`. */
export function choiceLine({ scope, designs, defects, platform }: Choice): string {
  return [
    `scope ${scope}`,
    ...changesText(platform),
    ...designs,
    ...defects.map((name) => `defect ${name}`),
  ].join(', ');
}

/** Whether a file of steps can say the choice: it has settings of a platform, and no parts of one. */
export function isSaidBySteps({ platform = {} }: Choice): boolean {
  return Object.keys(platform).every((key) => key === 'set');
}
