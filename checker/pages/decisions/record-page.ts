import { ANSWERS } from '../../../spec/decisions/answers/index.ts';
import type { DecisionRecord, DecisionSource } from '../../../spec/decisions/index.ts';
import { threadOf } from '../../../spec/decisions/threads.ts';
import { capital, code, table } from '../markdown.ts';
import { answerText } from './answer-text.ts';
import { answerOf, findingCell, letterOf, verdictWord } from './cells.ts';
import { designName, designsOf, findingOf, type TopicEvidence } from './evidence.ts';

/** One question: its answer in a line, each alternative with its verdict, who asked it where, what the model says, and what was built. */
export function recordPage(record: DecisionRecord, evidence: TopicEvidence): string {
  const { id, question, source, replies = [], built, finding } = record;
  return `# ${id}: ${question}

${answerText(record, evidence)}## Alternatives

${alternativesTable(record, evidence)}

## In the thread

${[source, ...replies].map(sourceText).join('\n\n')}

## What the model says

${finding === undefined || ANSWERS[id] === undefined ? '' : `${finding}\n\n`}${evidenceText(record, evidence)}

## What was built

${built}

[All decisions](README.md), [every design and property of this topic](${evidence.topic.name}.md)
`;
}

function sourceText({ seed, author, date, says }: DecisionSource): string {
  const thread = threadOf(seed);
  const where = thread === null ? seed : `"${thread.subject}" ([${thread.list}](../../threads.md))`;
  const message = `${author}, ${date}, in ${where}`;
  if (says === undefined) return `${message}: implied by what is said there.`;
  return `${message}:\n\n> ${says.replaceAll('\n', '\n> ')}`;
}

function alternativesTable(
  { id, alternatives, properties }: DecisionRecord,
  evidence: TopicEvidence,
): string {
  const verdicts = ANSWERS[id]?.verdicts;
  if (verdicts !== undefined) {
    const judged = alternatives.map((each, at) => {
      const design = typeof each === 'string' ? '' : designName(each.design);
      return [letterOf(at), capital(answerOf(each)), design, verdicts[at] ?? ''];
    });
    return table([['', 'answer', 'design that stands for it', 'verdict'], ...judged]);
  }
  const rows = alternatives.map((each, at) => {
    const answer = [letterOf(at), capital(answerOf(each))];
    if (typeof each === 'string') return [...answer, '', ''];
    const verdict = properties.length === 0 ? '' : verdictWord(evidence, each.design, properties);
    return [...answer, designName(each.design), verdict];
  });
  const standing = rows.some(([, , design]) => design !== '');
  if (!standing) return table([['', 'answer'], ...rows.map((row) => row.slice(0, 2))]);
  return table([['', 'answer', 'design that stands for it', 'in the model'], ...rows]);
}

function evidenceText(record: DecisionRecord, evidence: TopicEvidence): string {
  const { properties } = record;
  if (properties.length === 0) return 'Nothing that could be run decides it: it is advice, or taste.';
  const designs = designsOf(record);
  const head = ['must hold', '', ...designs.map(designName)];
  const rows = properties.map((id) => {
    const findings = designs.map((design) => findingOf(evidence, design, id));
    const [first] = findings;
    return [code(id), first?.property.sentence ?? '', ...findings.map(findingCell)];
  });
  const violations = designs.flatMap((design) =>
    properties.flatMap((id) => {
      const { shown } = findingOf(evidence, design, id);
      return shown === null
        ? []
        : [`- ${capital(designName(design))}, ${code(id)}: ${shown.trace.violation}.`];
    }),
  );
  const said = violations.length === 0 ? '' : `\n\nThe traces end in:\n\n${violations.join('\n')}`;
  return `${table([head, ...rows])}${said}`;
}
