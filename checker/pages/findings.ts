import type { Override } from '../../model/rules.ts';
import {
  type Finding,
  KNOWN,
  type Known,
  SEVERITIES,
  type Severity,
} from '../../overrides/findings/index.ts';
import { DESIGN_AXES } from '../../overrides/index.ts';
import { renderBrief } from '../render/brief.ts';
import type { Drawing } from '../render/text.ts';
import type { Trace } from '../trace/trace.ts';
import { capital, code, counted, type Page, table } from './markdown.ts';

/** A committed trace of a deviation. */
export interface ShownFinding extends Drawing {
  readonly trace: Trace;
  readonly path: string;
  readonly page: string;
  readonly override: Pick<Override, 'name'>;
}

/** A row of the page: an override and what was judged of it, or what was judged alone. */
interface Row {
  readonly name: string;
  readonly label: string | null;
  readonly summary: string;
  readonly source: string;
  readonly severity: Severity | null;
  readonly known: Known;
  readonly upstream: string | null;
  readonly reproducer: string | null;
  /** The shortest committed trace of each property, shortest first. */
  readonly shown: readonly ShownFinding[];
}

interface System {
  readonly title: string;
  /** `kernel=linux-7.2`; null: the model has no such design. */
  readonly design: string | null;
  readonly rows: readonly Row[];
}

/** Every disagreement of a real system with its documentation, by system and severity, from the overrides and what was judged of them. */
export function findingsPage(findings: readonly Finding[], committed: readonly ShownFinding[]): Page {
  const systems = systemsOf(findings, committed);
  const counts = systems.map(({ title, rows }) => [
    `[${title}](#${anchorOf(title)})`,
    ...([1, 2, 3, null] as const).map((severity) =>
      numberOf(rows.filter((row) => row.severity === severity)),
    ),
    ...(Object.keys(KNOWN) as Known[]).map((known) => numberOf(rows.filter((row) => row.known === known))),
  ]);
  const content = `# Findings

Where a real system does something else than its documentation or its architecture says, as far as this project knows.
Each is a named change of a rule of the model: \`npx nestcheck check --design …\` finds its consequences, and a test replays
every trace that is shown here.

Severity says what can come of it, not how likely it is:

${severities()}

How it is known:

${knowns()}

What is not ranked are departures of QEMU's emulated hardware, which concern those who test on it.

${table([['system', 'severity 1', '2', '3', 'not ranked', ...Object.keys(KNOWN)], ...counts])}

Nothing upstream is said where no report or fix was found; a later version may do better. If something here is wrong,
or was repaired, please say so.

${systems.map(systemText).join('\n\n')}
`;
  return { path: 'docs/generated/findings.md', content };
}

function severities(): string {
  return Object.entries(SEVERITIES)
    .map(([number, meaning]) => `- **${number}**: ${meaning}`)
    .join('\n');
}

function knowns(): string {
  return Object.entries(KNOWN)
    .map(([known, meaning]) => `- *${known}*: ${meaning}`)
    .join('\n');
}

function numberOf(rows: readonly Row[]): string {
  return rows.length === 0 ? '' : String(rows.length);
}

/** As GitHub makes it of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function systemsOf(findings: readonly Finding[], committed: readonly ShownFinding[]): readonly System[] {
  const judged = new Map(findings.map((finding) => [finding.name, finding]));
  const systems: { title: string; design: string | null; rows: Row[] }[] = [];
  const systemOf = (title: string, design: string | null): { rows: Row[] } => {
    const found = systems.find((each) => each.title === title);
    if (found !== undefined) return found;
    const added = { title, design, rows: [] };
    systems.push(added);
    return added;
  };
  const modelled = new Set<string>();
  for (const axis of DESIGN_AXES) {
    for (const value of axis.values) {
      const deviations = value.overrides.filter(({ kind }) => kind === 'deviation');
      if (deviations.length === 0) continue;
      const system = systemOf(capital(titleOf(value.summary)), `${axis.name}=${value.name}`);
      for (const override of deviations) {
        modelled.add(override.name);
        system.rows.push(rowOf(override, judged.get(override.name), committed));
      }
    }
  }
  for (const finding of findings) {
    const { name, unmodelled } = finding;
    if (unmodelled === undefined || modelled.has(name)) continue;
    const { system, ...rest } = unmodelled;
    const known = systems.find(({ design }) => design === system);
    const { rows } = known ?? systemOf(system, null);
    rows.push(rowOf({ name, ...rest }, finding, committed));
  }
  return systems.map(({ rows, ...system }) => ({ ...system, rows: rows.sort(bySeverity) }));
}

/** `Linux 7.2.13 as recorded` is called `Linux 7.2.13`. */
function titleOf(summary: string): string {
  return summary.replace(/ as (?:recorded|read)\b.*$/, '');
}

function rowOf(
  { name, summary, source }: Pick<Override, 'name' | 'summary' | 'source'>,
  finding: Finding | undefined,
  committed: readonly ShownFinding[],
): Row {
  const shown = committed
    .filter(({ override }) => override.name === name)
    .sort((a, b) => a.trace.steps.length - b.trace.steps.length);
  return {
    name,
    label: finding?.label ?? null,
    summary: summary.replace(/\.$/, ''),
    source,
    severity: finding?.severity ?? null,
    known: finding?.known ?? knownFrom(source),
    upstream: finding?.upstream ?? null,
    reproducer: finding?.reproducer ?? null,
    shown,
  };
}

/** Where nobody has judged: what the source says of how it is known. */
function knownFrom(source: string): Known {
  if (/no recording|\bread\b|not recorded|source/i.test(source)) return 'read';
  return /record|observation|vectors/i.test(source) ? 'recorded' : 'read';
}

function bySeverity(a: Row, b: Row): number {
  return (a.severity ?? 4) - (b.severity ?? 4);
}

function systemText({ title, design, rows }: System): string {
  const head =
    design === null ? 'The model has no design for it yet.' : `In the model: \`--design ${design}\`.`;
  const all = rows.map((row) => [
    row.severity === null ? '' : String(row.severity),
    row.label === null ? code(row.name) : `${code(row.name)} (${row.label})`,
    capital(row.summary),
    `${row.known}: ${row.source}`,
    row.shown
      .map(
        ({ property, page, trace }) =>
          `[${property?.id}](../../${page}) in ${counted(trace.steps.length, 'command')}`,
      )
      .join('; '),
    row.upstream ?? '',
  ]);
  const traced = rows.filter(({ severity, shown }) => shown.length > 0 && severity !== null && severity < 3);
  return [
    `## ${title}`,
    head,
    table([['', 'name', 'what it does', 'how it is known', 'breaks', 'upstream'], ...all]),
    ...traced.map(tracedText),
  ].join('\n\n');
}

/** The shortest trace, in the form for a mail, and how to see it for oneself. */
function tracedText({ name, label, summary, severity, shown, reproducer }: Row): string {
  const [first] = shown;
  if (first === undefined) return '';
  const commands = [`npx nestcheck replay ${first.path}`, ...(reproducer === null ? [] : [reproducer])];
  return [
    `### ${name}${label === null ? '' : ` (${label})`}`,
    `Severity ${severity}. ${capital(summary)}.`,
    `\`\`\`text\n${renderBrief(first.trace, first)}\n\`\`\``,
    `See for yourself: ${commands.map((each) => `\`${each}\``).join(', or what the real system did: ')}`,
  ].join('\n\n');
}
