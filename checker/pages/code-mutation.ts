import { type CodeMutation, folderOf, isKilled, type Trial } from '../measure/code-mutation.ts';
import type { Equivalent, Survival } from '../measure/code-survivors.ts';
import { code, table } from './markdown.ts';

/** A percentage of a number of trials, of which so many count. */
function share(count: number, of: number): string {
  return of === 0 ? '' : `${Math.round((100 * count) / of)} %`;
}

/** One kind of killer each, the first that there is. */
const KILLERS: readonly (readonly [string, (trial: Trial) => boolean])[] = [
  ['by properties', ({ killedBy, under }) => killedBy !== null && under === null],
  ['under other designs', ({ killedBy, under }) => killedBy !== null && under !== null],
  ['by what is unseen', ({ unseen }) => unseen !== null],
  ['by recordings', ({ recording }) => recording !== null],
  ['by counterexamples', ({ counterexample }) => counterexample !== null],
];

function isReached({ reached }: Trial): boolean {
  return Object.values(reached).includes(true);
}

/** What is known of survivors, by `nameOf`. */
type Why = Readonly<Record<string, Survival>>;

function isEquivalent(survival: Survival | undefined): survival is Equivalent {
  return typeof survival === 'object';
}

function row(name: string, of: number, trials: readonly Trial[], why: Why): readonly string[] {
  const survivors = trials.filter((trial) => !isKilled(trial));
  const equivalent = survivors.filter((trial) => isEquivalent(why[nameOf(trial)])).length;
  const unreached = survivors.filter((trial) => !isReached(trial)).length;
  return [
    name,
    String(of),
    String(trials.length),
    ...KILLERS.map(([, kills]) => String(trials.filter(kills).length)),
    String(survivors.length - unreached),
    String(unreached),
    share(trials.length - survivors.length, trials.length),
    String(equivalent),
    share(trials.length - survivors.length, trials.length - equivalent),
  ];
}

/** What became of a sample of mutants of the source text. `why`: of those that nothing kills, by `file: original -> replacement`. */
export function codeMutationSection(data: CodeMutation, why: Why): string {
  const { trials, folders, runs, most, seed } = data;
  const every = Object.values(folders).reduce((sum, { of }) => sum + of, 0);
  const killed = trials.filter(isKilled);
  const inModel = trials.filter(({ file }) => file.startsWith('model/'));
  const byProperties = inModel.filter(({ killedBy }) => killedBy !== null);
  const withoutTraces = killed.filter(({ counterexample }) => counterexample === null);
  const rows = Object.entries(folders).map(([folder, { of }]) =>
    row(
      code(folder),
      of,
      trials.filter(({ file }) => folderOf(file) === folder),
      why,
    ),
  );
  const survivors = trials.filter((each) => !isKilled(each));
  const differ = trials.filter((each) => isKilled(each) || !isEquivalent(why[nameOf(each)]));
  const modelDiffers = differ.filter(({ file }) => file.startsWith('model/'));
  return `## Code between the decision points

The mutators of StrykerJS change the source text of \`model/\` and \`conformance/\` in ${every} places: conditions, operators, blocks,
numbers, calls; not strings, most of which are messages. A sample of ${trials.length}, drawn at seed ${seed} by the folders' shares, is
tried, and what became of a mutant is kept as long as the text of its file is the same. None of the tests is asked. It is killed

- *by properties*: one is violated in a run of a check that gets to it;
- *under other designs*: one is violated in such a run under a design of \`list designs\`, or under what was recorded, that does not violate it
  without the mutant;
- *by what is unseen*: nothing is violated, but none of the runs in which a property had its witness, or a command was not refused, has
  that any more;
- *by recordings*: of one that gets there \`conform\` reports something else. Recordings and vectors are replayed as they were recorded, with
  hardware as it is specified, and with all as it is intended; of small ones, copies with one value changed, or one field or line left
  out, too;
- *by counterexamples*: nothing else kills it, but one that is committed is not replayed any more, answer by answer.

What is left was tried last with ${most.runs} of the runs that get to it in a check of ${runs}, with ${most.otherRuns} under each other design, and with
recordings that take ${most.replays / 1000} s together: with more of them, more may be killed.

**Killed: ${killed.length} of ${trials.length} (${share(killed.length, trials.length)}), ${withoutTraces.length} of them by properties or recordings (${share(withoutTraces.length, trials.length)}); in \`model/\` ${byProperties.length} of ${inModel.length} by properties alone (${share(byProperties.length, inModel.length)}).**

Of the survivors, ${trials.length - differ.length} are *equivalent*: whatever the rules and the platform are, the model answers as without the mutant, so
that nothing can kill it; the list below says why. They count as survivors above. Without them, as mutation scores are mostly given:
**${killed.length} of ${differ.length} (${share(killed.length, differ.length)}), ${withoutTraces.length} of them by properties or recordings (${share(withoutTraces.length, differ.length)}); in \`model/\` ${byProperties.length} of ${modelDiffers.length} by properties alone (${share(byProperties.length, modelDiffers.length)}).**
Nobody looked whether others are equivalent among those that are not explained, so that this is a lower bound, too.

${table([['folder', 'mutants', 'tried', ...KILLERS.map(([title]) => title), 'by none', 'never reached', 'killed', 'equivalent', 'killed of the others'], ...rows, row('all', every, trials, why)])}

### Survivors

${table([['where', 'mutant', 'reached', 'why'], ...survivors.map(survivorRow(why))])}
`;
}

function survivorRow(why: Why): (trial: Trial) => readonly string[] {
  return (trial) => {
    const { file, line, original, replacement, reached } = trial;
    const by = [
      reached.byRuns ? 'runs' : '',
      reached.byDesigns && !reached.byRuns ? 'runs of other designs' : '',
      reached.byRecordings ? 'recordings' : '',
      reached.byCounterexamples && !reached.byRuns ? 'counterexamples' : '',
    ].filter(Boolean);
    return [
      `${code(`${file}:${line}`)}`,
      `${code(short(original))} → ${code(short(replacement))}`,
      by.join(', ') || 'no',
      explained(why[nameOf(trial)]),
    ];
  };
}

function explained(survival: Survival | undefined): string {
  if (survival === undefined) return 'not explained';
  return isEquivalent(survival) ? `equivalent: ${survival.equivalent}` : survival;
}

/** By what a survivor is known, wherever it has moved. */
export function nameOf({ file, original, replacement }: Trial): string {
  return `${file}: ${short(original)} -> ${short(replacement)}`;
}

const MOST = 60;

function short(text: string): string {
  return (text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text)
    .replaceAll('|', '¦')
    .replaceAll('`', "'");
}
