import { ANSWERS } from '../../../spec/decisions/answers/index.ts';
import type { DecisionRecord } from '../../../spec/decisions/index.ts';
import { capital, code, table } from '../markdown.ts';
import { answerOf, findingCell, letterOf, pageOfRecord, verdictsOf } from './cells.ts';
import { designName, designsOf, findingOf, type TopicEvidence } from './evidence.ts';

/** One table of every question, by number. */
export function indexPage(topics: readonly TopicEvidence[]): string {
  const rows = topics
    .flatMap((evidence) => evidence.topic.records.map((record) => ({ evidence, record })))
    .sort((a, b) => numberOf(a.record) - numberOf(b.record))
    .map(({ evidence, record }) => row(record, evidence));
  const matrices = topics.map(({ topic }) => `- [${topic.title}](${topic.name}.md)`);
  return `# Decisions

Questions of the [threads](../../threads.md) from which this model was made: what was considered, what the model says of
it, and what was built. Each has a page with the message that it comes from.

A property *holds* under a design where no run of a check violated it, and is *violated* where one did: the number of
commands links to the smallest trace that shows it. A wish states a preference: a design *costs* it. A trace is a fact about a design in this model; it says nothing of who considered it, or for what.

${table([['', 'question', 'alternatives', 'verdict', 'evidence'], ...rows])}

Every design and every property of a topic in one matrix:

${matrices.join('\n')}

Made by \`npm run docs\` from \`spec/decisions\`, \`docs/generated/decisions/verdicts.json\` and the committed traces.
`;
}

function row(record: DecisionRecord, evidence: TopicEvidence): readonly string[] {
  const { id, question, alternatives, properties, built, finding } = record;
  const answer = ANSWERS[id]?.answer;
  const verdicts = verdictsOf(record, evidence).join(', ');
  const judged =
    answer === undefined ? [verdicts === '' ? '' : `${capital(verdicts)}.`, finding ?? ''] : [answer];
  const verdict = [...judged, `Built: ${built}`];
  return [
    `[${id}](${pageOfRecord(id)})`,
    question,
    alternatives.map((each, at) => `${letterOf(at)} ${answerOf(each)}`).join('; '),
    verdict.filter((each) => each !== '').join(' '),
    properties.map((property) => evidenceText(property, record, evidence)).join('; ') || 'none: advice',
  ];
}

/** `boots-without-a-device`, with the traces that violate it. */
function evidenceText(property: string, record: DecisionRecord, evidence: TopicEvidence): string {
  const violated = designsOf(record).flatMap((design) => {
    const finding = findingOf(evidence, design, property);
    return finding.shown === null ? [] : [`${findingCell(finding)} under ${designName(design)}`];
  });
  return violated.length === 0 ? code(property) : `${code(property)}: ${violated.join(', ')}`;
}

function numberOf({ id }: DecisionRecord): number {
  return Number(id.slice('D-'.length));
}
