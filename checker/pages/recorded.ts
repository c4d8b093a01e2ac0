import { type Page, table } from './markdown.ts';

/** Recorded answers: by call, by outcome, by file, how many. */
export type RecordedAnswers = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, number>>>;

/** A call, and every way in which the model says that it can end, with why. */
export interface KnownOutcomes {
  /** As recordings name it. */
  readonly call: string;
  readonly outcomes: Readonly<Partial<Record<string, string>>>;
}

/** What is held by what: recorded answers by call and outcome, and what no recording shows. */
export function recordedPage(answers: RecordedAnswers, known: readonly KnownOutcomes[]): Page {
  const total = [...answers.values()].reduce((sum, byOutcome) => sum + sumOf(byOutcome), 0);
  const rows = [...answers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([call, byOutcome]) =>
      [...byOutcome]
        .sort(([a], [b]) => (a === 'ok' ? -1 : b === 'ok' ? 1 : a < b ? -1 : 1))
        .map(([outcome, byFile]) => [call, outcome, String(countOf(byFile)), filesOf(byFile)]),
    );
  const missing = known.flatMap(({ call, outcomes }) =>
    Object.entries(outcomes)
      .filter(([outcome]) => answers.get(call)?.get(outcome) === undefined)
      .map(([outcome, why]) => [call, outcome, why ?? '']),
  );
  return {
    path: 'docs/generated/recorded.md',
    content: [
      '# What is held by what',
      `The ${total} answers of the recordings of Linux in \`conformance/recordings\`, by call and outcome. Every one of them is compared with the model by a test.`,
      table([['call', 'outcome', 'answers', 'in']].concat(rows)),
      '## What no recording shows',
      'Outcomes that the model knows and that no recording has: they rest on documentation and on reading the source. This is what recordings on other machines are for.',
      table([['call', 'outcome', 'when']].concat(missing)),
      '',
    ].join('\n\n'),
  };
}

function sumOf(byOutcome: ReadonlyMap<string, ReadonlyMap<string, number>>): number {
  return [...byOutcome.values()].reduce((sum, byFile) => sum + countOf(byFile), 0);
}

function countOf(byFile: ReadonlyMap<string, number>): number {
  return [...byFile.values()].reduce((sum, count) => sum + count, 0);
}

function filesOf(byFile: ReadonlyMap<string, number>): string {
  return [...byFile].map(([name, count]) => `${name} ${count}`).join(', ');
}
