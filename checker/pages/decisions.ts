import { scopeByName } from '../../properties/scopes/index.ts';
import type { DecisionRecord } from '../../spec/decisions/index.ts';
import { DECISIONS } from '../../spec/decisions/index.ts';
import { renderMermaid } from '../render/mermaid.ts';
import { renderText } from '../render/text.ts';
import type { PropertyReport, Verdict } from '../report.ts';
import type { Trace } from '../trace/trace.ts';
import { type CheckedDesign, checkVsmmuDesigns } from './vsmmu-designs.ts';

/** A generated file: its path in the repository and what must be in it. */
interface Page {
  readonly path: string;
  readonly content: string;
}

const FOLDER = 'docs/decisions';

/** The matrix of designs and properties, a page for each design that violates something, and the records. */
export async function decisionPages(): Promise<readonly Page[]> {
  const designs = await checkVsmmuDesigns();
  return [
    { path: `${FOLDER}/README.md`, content: matrixPage(designs) },
    { path: `${FOLDER}/records.md`, content: recordsPage(designs) },
    ...designs
      .filter(({ report }) => report.verdict === 'violated')
      .map((design) => ({ path: `${FOLDER}/${pageOf(design)}`, content: designPage(design) })),
  ];
}

/** `vsmmu-inherit.md` */
function pageOf({ selector }: CheckedDesign): string {
  return `${selector.replace('=', '-')}.md`;
}

/** A verdict in a table. */
const WORDS: Readonly<Record<Verdict, string>> = {
  holds: 'holds',
  violated: 'violated',
  vacuous: 'never comes up',
  inconclusive: 'unknown',
};

function cell(design: CheckedDesign, { property, verdict, trace }: PropertyReport): string {
  if (trace === null) return WORDS[verdict];
  const count = trace.steps.length;
  return `[${count} ${count === 1 ? 'command' : 'commands'}](${pageOf(design)}#${property.id})`;
}

function matrixPage(designs: readonly CheckedDesign[]): string {
  const properties = designs[0]?.report.properties ?? [];
  const head = ['property', ...designs.map(({ selector }) => `\`${selector}\``)];
  const rows = properties.map(({ property }, row) => [
    property.id,
    ...designs.map((design) => cell(design, design.report.properties[row] as PropertyReport)),
  ]);
  return `# Where a vSMMU's registers come from

Every property of a vSMMU's life under every design. A number links to the smallest sequence of commands that violates the
property there. "Never comes up" is said where the design does not get as far as what the property speaks of.

${table([head, ...rows])}

## The designs

${table([
  ['design', 'what it is', 'from'],
  ...designs.map(({ selector, summary, source }) => [`\`${selector}\``, summary, source]),
])}

## The properties

${table([
  ['property', 'what holds', 'from'],
  ...properties.map(({ property }) => [property.id, property.sentence, property.source]),
])}

The questions behind them, with who asked and what was built: [decision records](records.md).
Made by \`npm run docs\`; each design was checked with ${designs[0]?.report.runs} runs of ${designs[0]?.report.stepsPerRun} commands (seed ${designs[0]?.report.seed}, scopes ${designs[0]?.report.scopes.join(' and ')}).
`;
}

function designPage(design: CheckedDesign): string {
  const { selector, summary, source, report } = design;
  const sections = report.properties.flatMap((each) =>
    each.trace === null ? [] : [violationSection(design, each, each.trace)],
  );
  return `# \`${selector}\`

${summary}.
(${source})

${sections.join('\n')}`;
}

function violationSection(design: CheckedDesign, { property }: PropertyReport, trace: Trace): string {
  const scope = scopeByName(trace.scope);
  if (scope === undefined) throw new Error(`no scope ${trace.scope}`);
  const drawing = { scope, rules: design.selection.rules, property };
  return `## ${property.id}

**Must hold:** ${property.sentence}
(${property.source})

**But:** ${trace.violation}.

\`\`\`mermaid
${renderMermaid(trace, drawing)}
\`\`\`

\`\`\`text
${renderText(trace, drawing)}
\`\`\`

\`\`\`sh
npx nestcheck check --design ${design.selector} --property ${property.id}
\`\`\`
`;
}

function recordsPage(designs: readonly CheckedDesign[]): string {
  return `# Decision records

What was asked in the threads from which this model was made, and what decides it. The verdicts are those of the
[matrix](README.md).

${DECISIONS.map((record) => recordSection(record, designs)).join('\n')}`;
}

function recordSection(record: DecisionRecord, designs: readonly CheckedDesign[]): string {
  const { id, question, alternatives, source, built, properties } = record;
  const named = designs.filter(({ selector }) => record.designs.includes(selector));
  const verdicts = properties.map((property) => [
    property,
    ...named.map((design) => {
      const report = design.report.properties.find((each) => each.property.id === property);
      return report === undefined ? '' : cell(design, report);
    }),
  ]);
  const head = ['decided by', ...named.map(({ selector }) => `\`${selector}\``)];
  return `## ${id}: ${question}

${alternatives.map((alternative) => `- ${alternative}`).join('\n')}

From ${source.author}, ${source.date} (\`${source.seed}\`). Built: ${built}

${table([head, ...verdicts])}
`;
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
