import { shellWord } from '../checker/outside/shell.ts';
import type { Selection } from '../checker/record.ts';
import { underWords } from '../checker/render/under.ts';

/** What is looked at, and under what. */
export interface Selectors {
  readonly design: readonly string[];
  readonly defect: readonly string[];
  readonly property: readonly string[];
  readonly scope: readonly string[];
  /** A platform file. */
  readonly platform?: string;
  readonly set: readonly string[];
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
  const given = { ...options, platform: options.platform === undefined ? [] : [options.platform] };
  return (['design', 'defect', 'property', 'scope', 'platform', 'set'] as const).flatMap((name) =>
    given[name].map((value) => `--${name} ${shellWord(value)}`),
  );
}

/** `kernel=linux-7.2, smmu=architecture, defect iova-align-overflow` */
export function underText(selection: Pick<Selection, 'design' | 'defects'>): string {
  return underWords(selection).join(', ');
}
