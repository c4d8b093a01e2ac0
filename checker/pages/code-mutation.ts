import { type CodeMutation, folderOf, isKilled, type Trial } from '../measure/code-mutation.ts';
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

function row(name: string, of: number, trials: readonly Trial[]): readonly string[] {
  const survivors = trials.filter((trial) => !isKilled(trial));
  const unreached = survivors.filter((trial) => !isReached(trial)).length;
  return [
    name,
    String(of),
    String(trials.length),
    ...KILLERS.map(([, kills]) => String(trials.filter(kills).length)),
    String(survivors.length - unreached),
    String(unreached),
    share(trials.length - survivors.length, trials.length),
  ];
}

/** What became of a sample of mutants of the source text. `why`: of those that nothing kills, by `file: original -> replacement`. */
export function codeMutationSection(data: CodeMutation, why: Readonly<Record<string, string>>): string {
  const { trials, folders, runs, otherRuns, most, seed } = data;
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
    ),
  );
  const survivors = trials.filter((each) => !isKilled(each));
  return `## Code between the decision points

The mutators of StrykerJS change the source text of \`model/\` and \`conformance/\` in ${every} places: conditions, operators, blocks,
numbers, calls; not strings, most of which are messages. A sample of ${trials.length}, drawn at seed ${seed} by the folders' shares, is
tried. Those runs of a check of ${runs} runs that get to it are made, ${most.runs} of them at most; then, where no property is violated, runs that
get to it under each other design (${most.otherRuns} at most of ${otherRuns} each), held to the properties that the design does not violate by itself. Then the
recordings and vectors that get there are replayed as they were recorded, with hardware as it is specified, and with all as it is intended: a mutant
is killed where \`conform\` reports anything else than before. Copies of the small recordings in which one value is changed are replayed, too. The committed counterexamples come last, to be replayed answer by answer; a
mutant in their column is killed by nothing else. None of the tests is asked.

**Killed: ${killed.length} of ${trials.length} (${share(killed.length, trials.length)}), ${withoutTraces.length} of them by properties or recordings (${share(withoutTraces.length, trials.length)}); in \`model/\` ${byProperties.length} of ${inModel.length} by properties alone (${share(byProperties.length, inModel.length)}).**

${table([['folder', 'mutants', 'tried', ...KILLERS.map(([title]) => title), 'by none', 'never reached', 'killed'], ...rows, row('all', every, trials)])}

### Survivors

${table([['where', 'mutant', 'reached', 'why'], ...survivors.map(survivorRow(why))])}
`;
}

function survivorRow(why: Readonly<Record<string, string>>): (trial: Trial) => readonly string[] {
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
      why[nameOf(trial)] ?? 'not explained',
    ];
  };
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
