import type { Selection } from '../checker/record.ts';

/** What is looked at, and under what. */
export interface Selectors {
  readonly design: readonly string[];
  readonly defect: readonly string[];
  readonly property: readonly string[];
  readonly scope: readonly string[];
}

/** What decides which runs a check makes, but for how many. */
export interface RunOptions extends Selectors {
  readonly steps: number;
  readonly seed: number;
}

/** The command line that makes the same runs again. */
export function repeatLine(options: RunOptions, runs: number): string {
  const numbers = [`--runs ${runs}`, `--steps ${options.steps}`, `--seed ${options.seed}`];
  return ['nestcheck check', ...selectorsAgain(options), ...numbers].join(' ');
}

/** The selectors as they were given. */
export function selectorsAgain(options: Selectors): readonly string[] {
  return (['design', 'defect', 'property', 'scope'] as const).flatMap((name) => {
    return options[name].map((value) => `--${name} ${quoted(value)}`);
  });
}

/** As a POSIX shell wants it. */
function quoted(text: string): string {
  return /^[\w./,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `kernel=linux-7.2, smmu=architecture, defect iova-align-overflow` */
export function underText({ design, defects }: Pick<Selection, 'design' | 'defects'>): string {
  const axes = Object.entries(design).map(([axis, value]) => `${axis}=${value}`);
  return [...axes, ...defects.map((name) => `defect ${name}`)].join(', ');
}
