import { VIOMMUS } from '../../model/pasid/machine.ts';
import { THREAD_TABLE } from '../../spec/decisions/thread-table.ts';
import type { IommuHardware } from '../../spec/pasid/hardware.ts';
import { counted } from '../pages/markdown.ts';
import { traceToJson } from '../trace/encode.ts';
import type { Trace } from '../trace/trace.ts';
import { questionId, wayName } from './question.ts';
import { type Cell, cellId, type Place } from './table.ts';

/** What the thread says of a cell; null where it says nothing. */
export function threadWord({ hardware, unit, viommu }: Place): string | null {
  const row = THREAD_TABLE.find((each) => each.unit === unit && each.hardware.includes(hardware.name));
  return row?.cells[VIOMMUS.indexOf(viommu)] ?? null;
}

/** Everything that was decided, as `--json` prints it: cells, ways, the ids of traces, and the traces. */
export function assignabilityToJson(cells: readonly Cell[], hardware: readonly IommuHardware[]) {
  const traces: Record<string, object> = {};
  const listed = cells.map((cell) => ({
    id: cellId(cell),
    hardware: cell.hardware.name,
    unit: cell.unit,
    viommu: cell.viommu,
    word: cell.word,
    thread: threadWord(cell),
    ways: cell.answers.map(({ question, verdict, trace, states, transitions, costs }) => {
      const id = questionId(question);
      if (trace !== null) traces[id] = traceToJson(trace);
      const { mechanism, paravirtual } = question;
      return {
        mechanism,
        paravirtual,
        verdict,
        trace: trace === null ? null : id,
        states,
        transitions,
        costs,
      };
    }),
  }));
  return { hardware, cells: listed, traces };
}

export type AssignabilityJson = ReturnType<typeof assignabilityToJson>;

const HEAD = ['', 'no vIOMMU', 'vIOMMU, no PASID', 'vIOMMU with PASID'];

/** The table, row by row, as rows of cells; of cells that were not asked for it says nothing. */
export function tableRows(cells: readonly { id: string; word: string }[]): readonly (readonly string[])[] {
  const rows = new Map<string, string[]>();
  for (const { id, word } of cells) {
    const [hardware = '', unit = '', viommu = ''] = id.split('/');
    const name = `${unit === 'vf' ? 'VF' : unit}, ${hardware}`;
    const row = rows.get(name) ?? [name, ...VIOMMUS.map(() => '')];
    rows.set(name, row.with(1 + (VIOMMUS as readonly string[]).indexOf(viommu), word));
  }
  return [HEAD, ...rows.values()];
}

/** The traces that decided the cells, by id. */
export function tracesOfCells(cells: readonly Cell[]): ReadonlyMap<string, Trace> {
  return new Map(
    cells.flatMap(({ answers }) =>
      answers.flatMap(({ question, trace }) =>
        trace === null ? [] : [[questionId(question), trace] as const],
      ),
    ),
  );
}

/** What the file of a trace is called. */
export function traceFileName(id: string): string {
  return `${id.replaceAll(/[^a-z0-9.]+/g, '-')}.json`;
}

/**
 * The table and, cell by cell, what decided it: a line for each way with its trace, by its file in `folder`, or where none
 * was written by its id.
 */
export function renderAssignability(cells: readonly Cell[], folder: string | null = null): string {
  const named = cells.map((cell) => ({ id: cellId(cell), word: cell.word }));
  const rows = tableRows(named);
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const evidence = cells.flatMap((cell) => {
    const thread = threadWord(cell);
    const says =
      thread === null ? '' : thread === cell.word ? ', as in the thread' : `; the thread: ${thread}`;
    return [
      '',
      `${cellId(cell)}: ${cell.word}${says}`,
      ...cell.answers.map((answer) => answerLine(answer, folder)),
    ];
  });
  const next =
    folder === null
      ? 'Each trace in a file that replay takes: --trace-dir FOLDER'
      : 'Next: nestcheck replay FILE, with a file from above';
  return [...lines, ...evidence, '', next].join('\n');
}

function answerLine(
  { question, verdict, trace, states, costs }: Cell['answers'][number],
  folder: string | null,
): string {
  const name = questionId(question);
  const shown = folder === null ? name : `${folder}/${traceFileName(name)}`;
  const id = trace === null ? '' : ` [${shown}, ${counted(trace.steps.length, 'command')}]`;
  const cost = costs
    .map(({ traps, descriptors }) => `${counted(traps, 'trap')} and ${counted(descriptors, 'descriptor')}`)
    .join(', then ');
  const why =
    verdict === 'works'
      ? `all of ${states} states${cost === '' ? '' : `; costs ${cost}`}`
      : (trace?.violation ?? 'what the guest needs is refused');
  return `  ${wayName(question)}: ${verdict}: ${why}${id}`;
}
