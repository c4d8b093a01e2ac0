import { cited } from '../../../spec/decisions/threads.ts';
import { code, table } from '../markdown.ts';
import { findingCell, pageOfRecord } from './cells.ts';
import { designName, type TopicEvidence } from './evidence.ts';

/** Every design and every property of a topic. */
export function matrixPage({ topic, designs, runs, steps, seed, scopes }: TopicEvidence): string {
  const properties = designs[0]?.findings.map(({ property }) => property) ?? [];
  const rows = properties.map(({ id }, row) => [
    id,
    ...designs.map(({ findings }) => {
      const finding = findings[row];
      return finding === undefined ? '' : findingCell(finding);
    }),
  ]);
  const records = topic.records.map(({ id, question }) => `- [${id}](${pageOfRecord(id)}): ${question}`);
  return `# ${topic.title}

Every property of the topic under every design of it. A number links to the smallest sequence of commands found that
violates the property there. "Never comes up" is said where a design does not get as far as what the property speaks of.

${table([['property', ...designs.map(({ design }) => designName(design))], ...rows])}

Each design was checked with ${runs} random runs of ${steps} commands (seed ${seed}, scopes ${scopes.join(', ')}), and a
violation does not end the check. To look closer:

\`\`\`sh
npx nestcheck check${selectors(designs.at(-1)?.design ?? '')}${scopes.map((scope) => ` --scope ${scope}`).join('')} --seed ${seed + 1}
\`\`\`
${topic.compared === undefined ? '' : `\n## What each buys and costs\n\n${topic.compared}\n`}
## The designs

${table([
  ['design', 'what it is', 'from'],
  ...designs.map(({ design, summary, source }) => [designName(design), summary, cited(source)]),
])}

## The properties

${table([
  ['property', 'what holds', 'from'],
  ...properties.map(({ id, sentence, source }) => [code(id), sentence, cited(source)]),
])}

## The questions

${records.join('\n')}
`;
}

function selectors(design: string): string {
  return design === '' ? '' : ` --design ${design}`;
}
