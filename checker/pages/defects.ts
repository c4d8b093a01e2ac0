import type { Override } from '../../model/rules.ts';
import type { BeyondReach } from '../../overrides/defects/beyond.ts';
import type { Property } from '../../properties/property.ts';
import { DEFAULTS } from '../defaults.ts';
import type { DefectData, MeasuredDefect } from '../measure/defects.ts';
import type { Trace } from '../trace/trace.ts';
import { code, counted, type Page, table } from './markdown.ts';

/** What the page on defects is made of. */
export interface DefectsPage {
  readonly data: DefectData;
  readonly defects: readonly Override[];
  readonly properties: readonly Property[];
  readonly beyond: readonly BeyondReach[];
  /** The committed traces of defects, by the defect's name. */
  readonly traces: Readonly<Record<string, Trace>>;
}

/** The generated page on the defect corpus. */
export function defectsPage(page: DefectsPage): Page {
  const { data, defects } = page;
  const rows = defects.map((defect) => ({
    defect,
    row: data.defects.find((each) => each.defect === defect.name) ?? null,
  }));
  const content = `# Defects

Real bugs, fixed upstream, each as the smallest change of a rule that brings it back (\`overrides/defects/\`, a table a topic),
and what finds it. Switch one on with

\`\`\`
npx nestcheck check --defect ${defects[0]?.name ?? 'NAME'}
\`\`\`

The table is measured by \`npm run defects\`. *Runs* are the numbers of the first runs that violate the property, of the
${DEFAULTS.runs} that a plain check makes (the scopes in turn, more often those where the defect matters), at seeds ${data.seeds.join(', ')}. *Seconds* are the CPU time of
one core (${data.machine}) at seed ${data.seeds[0]} until the trace is minimal, where only the named property is looked at
(\`--property\`). The traces lie in \`counterexamples/\`.

${table([['defect', 'what goes wrong', 'reference', 'found by', 'commands', 'guarantee', 'runs', 'seconds'], ...rows.map(({ defect, row }) => lineOf(defect, row, page.traces[defect.name] ?? null))])}

## Which properties kill which

Within the first ${data.matrixRuns} runs of a check at seed ${data.seeds[0]}, and by the named property in any case.
Columns are numbered; the legend is below. Properties that no defect breaks have no column.

${matrix(data, page.properties)}

## Findings

${findings(page)}

## Beyond reach

Entries of the corpus that are no change of a rule of this model, and why.

${table([['bug', 'reference', 'why not'], ...page.beyond.map(({ title, reference, reason }) => [title, reference, reason])])}
`;
  return { path: 'docs/generated/defects.md', content };
}

function lineOf(defect: Override, row: MeasuredDefect | null, trace: Trace | null): readonly string[] {
  const property = trace?.property ?? null;
  return [
    code(defect.name),
    defect.summary,
    defect.source,
    property === null
      ? code(defect.foundBy ?? '')
      : `[${property}](../../counterexamples/${defect.name}/${property}.md)`,
    trace === null ? '' : String(trace.steps.length),
    trace?.guarantee ?? '',
    row === null ? 'not measured' : row.runs.map((run) => run ?? 'none').join(' '),
    row === null ? '' : row.seconds.toFixed(1),
  ];
}

function broken(data: DefectData, properties: readonly Property[]): readonly Property[] {
  return properties.filter(({ id }) => data.defects.some(({ kills }) => kills.includes(id)));
}

function matrix(data: DefectData, properties: readonly Property[]): string {
  const columns = broken(data, properties);
  const head = ['', ...columns.map((_, at) => String(at + 1))];
  const rows = data.defects.map(({ defect, kills }) => [
    code(defect),
    ...columns.map(({ id }) => (kills.includes(id) ? 'x' : '')),
  ]);
  const legend = columns.map(({ id }, at) => `${at + 1}. ${code(id)}`);
  return `${table([head, ...rows])}\n\n${legend.join('\n')}`;
}

function findings({ data, properties, defects }: DefectsPage): string {
  const columns = new Set(broken(data, properties));
  const others = properties.filter((property) => !columns.has(property));
  const lines = [
    `**Properties that no defect here breaks**: ${others.length} of ${properties.length}. Each is broken by a deviation of a real
system, a design, or a rule broken on purpose, which it names, and a test shows it:`,
    table([['property', 'broken by'], ...others.map(({ id, brokenBy }) => [code(id), code(brokenBy)])]),
  ];
  const broad = data.defects.filter(({ kills }) => kills.length * 2 > properties.length);
  if (broad.length === 0) {
    const most = data.defects.toSorted((a, b) => b.kills.length - a.kills.length)[0];
    lines.push(
      `**Defects that break more than half of the properties**: none. The most are broken by ${code(most?.defect ?? '')}: ${counted(most?.kills.length ?? 0, 'property').replace('propertys', 'properties')} of ${properties.length}.`,
    );
  } else {
    lines.push('**Defects that break more than half of the properties**:');
    lines.push(
      broad
        .map(({ defect, kills }) => `- ${code(defect)}: ${kills.length} of ${properties.length}`)
        .join('\n'),
    );
  }
  const unmeasured = defects.filter(({ name }) => data.defects.every(({ defect }) => defect !== name));
  lines.push(
    unmeasured.length === 0
      ? '**Defects that are not measured**: none.'
      : `**Defects that are not measured**: ${unmeasured.map(({ name }) => code(name)).join(', ')}.`,
  );
  const late = data.defects.filter(({ runs }) => runs.includes(null));
  lines.push(
    late.length === 0
      ? '**Defects that some seed does not find**: none.'
      : `**Defects that some seed does not find**: ${late.map(({ defect }) => code(defect)).join(', ')}.`,
  );
  return lines.join('\n\n');
}
