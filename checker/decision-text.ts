import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DESIGN_AXES } from '../overrides/index.ts';
import { ANSWERS } from '../spec/decisions/answers/index.ts';
import type { DecisionRecord, DecisionSource } from '../spec/decisions/index.ts';
import { threadOf } from '../spec/decisions/threads.ts';
import { wrap } from './render/layout.ts';

/** A trace that an answer rests on, and how to see it. */
export interface DecisionTrace {
  readonly design: string;
  readonly property: string;
  /** The committed trace, below `root`; null: there is none here. */
  readonly path: string | null;
}

/** The traces that the answer to a question names; `root`: the folder that has `counterexamples`. */
export function tracesOf({ id }: DecisionRecord, root: string): readonly DecisionTrace[] {
  const shows = ANSWERS[id]?.shows ?? [];
  return shows
    .filter(([, , verdict]) => verdict === 'violated')
    .map(([design, property]) => ({ design, property, path: pathOf(design, property, root) }));
}

function pathOf(design: string, property: string, root: string): string | null {
  const folders = design.split(',').flatMap((part) => {
    const [axis, name] = part.split('=');
    const value = DESIGN_AXES.find((each) => each.name === axis)?.values.find((each) => each.name === name);
    return [`${axis}-${name}`, ...(value?.overrides ?? []).map((override) => override.name)];
  });
  const paths = folders.map((folder) => `counterexamples/${folder}/${property}.json`);
  return paths.find((path) => existsSync(join(root, path))) ?? null;
}

/** A question with its answer, every alternative, the words of the thread, and where its traces are. */
export function decisionText(record: DecisionRecord, root: string): string {
  const { id, question, alternatives, source, replies = [], built, properties } = record;
  const answer = ANSWERS[id];
  const summary = answer?.answer ?? record.finding;
  const traces = tracesOf(record, root);
  const letters = alternatives.map((each, at) => {
    const text = typeof each === 'string' ? each : `${each.answer} [${each.design}]`;
    const verdict = answer?.verdicts[at];
    return `  (${String.fromCharCode(97 + at)}) ${text}${verdict === undefined ? '' : `: ${verdict}`}`;
  });
  return [
    ...wrap(`${id}: ${question}`, 2),
    ...(summary === undefined ? [] : ['', ...wrap(summary, 2)]),
    '',
    'Alternatives',
    ...letters.flatMap((line) => wrap(line, 6)),
    '',
    'In the thread',
    ...[source, ...replies].flatMap(sourceLines),
    '',
    ...wrap(`Built: ${built}`, 2),
    '',
    ...(traces.length === 0
      ? []
      : ['Traces', ...traces.flatMap((trace) => wrap(`  ${traceText(trace)}`, 4))]),
    ...(answer?.cells ?? []).flatMap((cell) => wrap(`  nestcheck explain assignability --cell ${cell}`, 4)),
    ...wrap(`Decided by: ${properties.join(', ')}`, 2),
    `Page: docs/generated/decisions/d-${id.slice('D-'.length).padStart(2, '0')}.md`,
  ].join('\n');
}

function sourceLines({ seed, author, date, says }: DecisionSource): readonly string[] {
  const head = wrap(`  ${author}, ${date}, in ${threadOf(seed)?.subject ?? seed}:`, 4);
  return says === undefined ? [...head, '    (implied)'] : [...head, ...wrap(`    "${says}"`, 5)];
}

function traceText({ design, property, path }: DecisionTrace): string {
  return path === null
    ? `nestcheck check --design ${design} --property ${property} --shortest`
    : `nestcheck replay ${path}  (${design})`;
}
