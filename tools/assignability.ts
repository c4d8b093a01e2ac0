import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssignabilityJson } from '../checker/assignability/report.ts';
import { assignabilityPage } from '../checker/pages/assignability.ts';
import type { Page } from '../checker/pages/markdown.ts';
import { callText } from '../checker/render/values.ts';
import { resultText } from '../checker/result-text.ts';
import { parseTrace } from '../checker/trace/parse.ts';
import type { Trace } from '../checker/trace/trace.ts';
import { ROOT } from './committed.ts';

/** What `npm run assignability` derived last: cells, and the traces behind them. */
export interface CommittedTable extends Pick<AssignabilityJson, 'hardware' | 'cells'> {
  readonly traces: Readonly<Record<string, Trace>>;
}

export async function readAssignability(): Promise<CommittedTable> {
  const path = join(ROOT, 'docs/generated/decisions/assignability.json');
  const json = JSON.parse(await readFile(path, 'utf8')) as AssignabilityJson;
  const traces = Object.entries(json.traces).map(([id, trace]) => [id, parseTrace(JSON.stringify(trace))]);
  return { ...json, traces: Object.fromEntries(traces) };
}

/** The page on what can be assigned. */
export async function assignabilityPages(): Promise<readonly Page[]> {
  const { traces, ...derived } = await readAssignability();
  return [assignabilityPage(derived, traces, drawn)];
}

/** A trace in few words: its calls and their answers. */
function drawn({ steps, violation }: Trace): string {
  const lines = steps.map(({ result, ...call }, index) => {
    return `${index + 1}  ${call.actor}  ${callText(call)} -> ${resultText(result)}`;
  });
  return [...lines, ...(violation === null ? [] : [violation])].join('\n');
}
