import { composeRules, type Override, type Rules } from '../../model/rules.ts';
import { DEFECTS, MUTANTS, resolveDesign } from '../../overrides/index.ts';
import { selectNames, unknownText } from './by-name.ts';
import { UsageError } from './usage-error.ts';

/** Everything that `--defect` can switch on: real bugs, and rules broken to show that a property looks. */
export const SWITCHABLE: readonly Override[] = [...DEFECTS, ...MUTANTS];

/** Rules without anything of a user's own, what they are called, and the overrides that make its rules: those of the axes, then defects. */
export interface NamedRules {
  readonly rules: Rules;
  /** Every axis with its value. */
  readonly design: Readonly<Record<string, string>>;
  readonly defects: readonly string[];
  readonly axes: readonly Override[];
  readonly switched: readonly Override[];
}

/**
 * The rules that axes (`kernel=linux-7.2,msi=rmr-window`) and defects choose by name.
 * @throws UsageError naming what is known where something is not.
 */
export function selectNamed(designs: readonly string[], defects: readonly string[]): NamedRules {
  const axes = resolveDesign(designs);
  if ('error' in axes) {
    const { error, unknown } = axes;
    throw new UsageError(
      unknown === undefined ? error : unknownText(unknown.what, unknown.name, unknown.known),
    );
  }
  const switched = defects.length === 0 ? [] : selectNames('defect', SWITCHABLE, ({ name }) => name, defects);
  return {
    rules: composeRules([...axes.overrides, ...switched]),
    design: axes.choice,
    defects: switched.map(({ name }) => name),
    axes: axes.overrides,
    switched,
  };
}
