import { type CodeMutation, folderOf, type Trial } from '../measure/code-mutation.ts';
import { code, table } from './markdown.ts';

function isKilled({ killedBy, recording }: Trial): boolean {
  return killedBy !== null || recording !== null;
}

/** A percentage of a number of trials, of which so many count. */
function share(count: number, of: number): string {
  return of === 0 ? '' : `${Math.round((100 * count) / of)} %`;
}

function row(name: string, of: number, trials: readonly Trial[]): readonly string[] {
  const byProperty = trials.filter(({ killedBy }) => killedBy !== null).length;
  const byRecording = trials.filter(({ recording }) => recording !== null).length;
  const unreached = trials.filter(({ reached }) => !reached.byRuns && !reached.byRecordings).length;
  const left = trials.length - byProperty - byRecording - unreached;
  const killed = byProperty + byRecording;
  return [
    name,
    String(of),
    String(trials.length),
    String(byProperty),
    String(byRecording),
    String(left),
    String(unreached),
    share(killed, trials.length),
  ];
}

/** What became of a sample of mutants of the source text. `why`: of those that nothing kills, by `file: original -> replacement`. */
export function codeMutationSection(data: CodeMutation, why: Readonly<Record<string, string>>): string {
  const { trials, folders, runs, seed } = data;
  const every = Object.values(folders).reduce((sum, { of }) => sum + of, 0);
  const killed = trials.filter(isKilled);
  const inModel = trials.filter(({ file }) => file.startsWith('model/'));
  const byProperties = inModel.filter(({ killedBy }) => killedBy !== null);
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
tried: each with ${runs} runs of all scopes (those whose runs get there), and where no property is violated, with the recordings that get
there. None of the tests is asked.

**Killed: ${killed.length} of ${trials.length} (${share(killed.length, trials.length)}); in \`model/\` ${byProperties.length} of ${inModel.length} by properties alone (${share(byProperties.length, inModel.length)}).**

${table([['folder', 'mutants', 'tried', 'by properties', 'by recordings', 'by neither', 'never reached', 'killed'], ...rows, row('all', every, trials)])}

### Survivors

${table([['where', 'mutant', 'reached', 'why'], ...survivors.map(survivorRow(why))])}
`;
}

function survivorRow(why: Readonly<Record<string, string>>): (trial: Trial) => readonly string[] {
  return (trial) => {
    const { file, line, original, replacement, reached } = trial;
    const by = [reached.byRuns ? 'runs' : '', reached.byRecordings ? 'recordings' : ''].filter(Boolean);
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
