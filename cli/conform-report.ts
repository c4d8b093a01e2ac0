import { oneLine, pathText } from '../checker/outside/text.ts';
import { wrap } from '../checker/render/layout.ts';
import type { Paint } from '../checker/render/paint.ts';
import type { Disagreement, FileReport } from '../conformance/index.ts';

/** The sums over all files. */
export interface ConformTotals {
  readonly checked: number;
  readonly agreed: number;
  /** By reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

export function conformTotals(files: readonly FileReport[]): ConformTotals {
  const skipped: Record<string, number> = {};
  for (const file of files) {
    for (const [reason, times] of Object.entries(file.skipped)) {
      skipped[reason] = (skipped[reason] ?? 0) + times;
    }
  }
  return {
    checked: files.reduce((sum, { checked }) => sum + checked, 0),
    agreed: files.reduce((sum, { agreed }) => sum + agreed, 0),
    skipped,
  };
}

/** How each file compares, and where the first unexplained difference lies. */
export function conformText(files: readonly FileReport[], paint: Paint): string {
  return files.flatMap((file) => fileLines(file, paint)).join('\n');
}

function fileLines(report: FileReport, paint: Paint): readonly string[] {
  const { file, events, checked, agreed, deviations, skipped, first, machine, kernel } = report;
  return [
    `${pathText(file)}: ${markOf(report, paint)}`,
    `  ${events} events, ${checked} answers checked, ${agreed} as the model says`,
    ...wrap(`  machine: ${machine}${kernel === undefined ? '' : `, Linux ${kernel}`}`, 4),
    ...permittedLines(report),
    ...counted('explained by deviation', deviations),
    ...counted('skipped', skipped).map(paint.dim),
    ...(first === null ? [] : differenceLines(first, decodedOf(report, first), paint)),
    ...kindLines(report, paint),
  ];
}

function markOf({ checked, agreed, first }: FileReport, paint: Paint): string {
  if (agreed === checked) return paint.good('agrees');
  return paint.bad(first === null ? 'differs, in named deviations only' : 'disagrees');
}

/** A model that permits everything proves nothing: how much it did permit. */
function permittedLines({ permitted }: FileReport): readonly string[] {
  if (permitted === undefined) return [];
  const { accesses, min, max, mean } = permitted;
  return [`  ${accesses} DMAs, each with ${min} to ${max} permitted outcomes, ${mean.toFixed(2)} on average`];
}

function counted(what: string, counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts).map(([name, times]) => `  ${what}: ${name}: ${times}`);
}

/** Characters of an answer; `--json` has all. */
const SAID = 8192;

/** The same disagreement with the fields of its struct and its errno by name, where its kind is among those that are told. */
function decodedOf({ disagreements }: FileReport, { line }: Disagreement): Disagreement | null {
  const examples = disagreements.kinds.flatMap((kind) => kind.examples);
  return examples.find((example) => example.line === line) ?? null;
}

function differenceLines(first: Disagreement, decoded: Disagreement | null, paint: Paint): readonly string[] {
  const raw = sidesLines(first, '    ');
  return [
    ...wrap(`  first difference at line ${first.line}: ${oneLine(first.event)}`, 4).map(paint.bold),
    ...(decoded === null
      ? raw
      : [
          ...sidesLines(decoded, '    '),
          ...['    in whole:', ...sidesLines(first, '      ')].map(paint.dim),
        ]),
  ];
}

function sidesLines({ expected, model }: Disagreement, margin: string): readonly string[] {
  return [
    ...wrap(`${margin}recorded: ${oneLine(fields(expected), SAID)}`, margin.length + 2),
    ...wrap(`${margin}model:    ${oneLine(fields(model), SAID)}`, margin.length + 2),
  ];
}

/** Beside the first: one line a kind. A single disagreement has been told whole. */
function kindLines(
  { disagreements: { total, kinds, moreKinds } }: FileReport,
  paint: Paint,
): readonly string[] {
  if (total < 2) return [];
  const more = moreKinds === 0 ? '' : `, of which the first ${kinds.length} follow`;
  return [
    paint.bold(
      `  ${total} differences in ${kinds.length + moreKinds} kinds${more} (times; sections that begin with it)`,
    ),
    ...kinds.flatMap(({ kind, count, sections, examples }) => [
      ...wrap(`  ${count}; ${sections}  ${kind}`, 6),
      ...examples.flatMap(({ line, expected, model }) =>
        wrap(`      line ${line}: recorded ${fields(expected)}, model ${fields(model)}`, 8).map(paint.dim),
      ),
      ...(count > examples.length ? [paint.dim(`      and ${count - examples.length} more`)] : []),
    ]),
  ];
}

function fields(record: Readonly<Record<string, string | number>>): string {
  return Object.entries(record)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
