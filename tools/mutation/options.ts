import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isKilled, type Trial } from '../../checker/measure/code-mutation.ts';
import { CODE_SURVIVORS } from '../../checker/measure/code-survivors.ts';
import { nameOf } from '../../checker/pages/code-mutation.ts';
import { matches } from '../../checker/select/by-name.ts';

const ONLY = ['survivors', 'unexplained', 'recorded'] as const;

/** Which mutants are tried: those that nobody tried in the same text, unless more is asked for. */
export interface Options {
  readonly size: number;
  readonly seed: number;
  readonly processes: number;
  /** Of a check; and the most that a mutant is tried in. */
  readonly runs: number;
  readonly most: number;
  readonly again: boolean;
  /** Those that nothing kills, or those of them that nobody explains; or those that recordings or counterexamples kill, with properties alone. */
  readonly only: (typeof ONLY)[number] | null;
  /** What gets to which mutant is as it was looked at before: properties alone have changed since. */
  readonly reachedAsBefore: boolean;
  readonly file: string | null;
}

/** @throws TypeError for an option that there is not. */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '600' },
      seed: { type: 'string', default: '1' },
      processes: { type: 'string', default: String(Math.min(4, availableParallelism())) },
      runs: { type: 'string', default: '5000' },
      most: { type: 'string', default: '300' },
      again: { type: 'boolean', default: false },
      only: { type: 'string' },
      'reached-as-before': { type: 'boolean', default: false },
      file: { type: 'string' },
    },
  });
  const only = ONLY.find((each) => each === values.only);
  if (values.only !== only) throw new TypeError(`--only ${values.only}: expected ${ONLY.join(' or ')}`);
  return {
    size: natural('size', values.size),
    seed: natural('seed', values.seed),
    processes: natural('processes', values.processes),
    runs: natural('runs', values.runs),
    most: natural('most', values.most),
    again: values.again,
    only: only ?? null,
    reachedAsBefore: values['reached-as-before'],
    file: values.file ?? null,
  };
}

/** Whether it is killed, but by no run of a check. */
export function isRecorded({ recording, counterexample }: Trial): boolean {
  return recording !== null || counterexample !== null;
}

function natural(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new TypeError(`--${name} ${text}: expected a number`);
  return Number(text);
}

/** Whether a mutant is tried now. `before`: what became of it in the same text; undefined: nobody tried. */
export function isAsked(options: Options, file: string, before: Trial | undefined): boolean {
  if (options.file !== null && !matches(options.file, file)) return false;
  if (options.only === 'survivors') return before !== undefined && !isKilled(before);
  if (options.only === 'unexplained')
    return before !== undefined && !isKilled(before) && CODE_SURVIVORS[nameOf(before)] === undefined;
  if (options.only === 'recorded') return before !== undefined && isRecorded(before);
  return before === undefined || options.again || options.file !== null;
}
