import { DIFFERENCES } from '../../spec/decisions/thread-table.ts';
import { cited } from '../../spec/decisions/threads.ts';
import type { IommuHardware } from '../../spec/pasid/hardware.ts';
import { type AssignabilityJson, tableRows } from '../assignability/report.ts';
import type { Trace } from '../trace/trace.ts';
import { code, counted, type Page, table } from './markdown.ts';

/** A trace, and how it is drawn. */
export type Draw = (trace: Trace) => string;

/** The derived table as a page: the table, where it differs from the thread's, the hardware, and each cell's evidence. */
export function assignabilityPage(
  { hardware, cells }: Pick<AssignabilityJson, 'hardware' | 'cells'>,
  traces: Readonly<Record<string, Trace>>,
  draw: Draw,
): Page {
  const shown = new Map<string, string>();
  const sections = cells.map((cell) => cellSection(cell, traces, draw, shown));
  const states = cells.flatMap(({ ways }) => ways).reduce((sum, way) => sum + way.states, 0);
  const content = `# What can be given to a virtual machine

A function as a whole (VF), or a slice of a function that machines share (mdev), behind an IOMMU that is described by a
few words; to a guest without a vIOMMU, with one, or with one that has PASIDs. For each way of giving it (one stage of the
host's; the guest's stage 1 shadowed; or nested; with or without asking for PASIDs) a host that refuses nothing is explored: every
sequence of commands of operator and guests on a small platform, each state once, ${states.toLocaleString('en-US')} states in all.
A way works if no property is violated in any state and there is a state in which all that the guest can do is in use.

${table(tableRows(cells))}

A cell names the ways that work. Asking for PASIDs (PV) is named where it does not work without; \`(?)\` where the
architecture has nothing to ask. Of several ways those are named whose cost to the host, in descriptors written per page that a guest maps
and unmaps in each address space, does not grow with the number of its address spaces; if all grow, all are.

## Beside the thread's table

[Seed 002](../../threads.md) has the rows VF, mdev on SMMUv3 and mdev on vt-d3. The derived table says the same but for:

${table([
  ['cell', 'thread', 'derived', 'who is right, and why'],
  ...cells
    .filter(({ thread, word }) => thread !== null && thread !== word)
    .map(({ id, thread, word }) => [
      code(id),
      thread ?? '',
      word,
      DIFFERENCES.find(({ cell }) => cell === id)?.why ?? 'not explained',
    ]),
])}

## The hardware

${table([['name', 'what it is', 'from'], ...hardware.map(({ name, summary, source }: IommuHardware) => [code(name), summary, cited(source)])])}

Another column takes a description and no code: \`npx nestcheck explain assignability --hardware mine.json\`.

${sections.join('\n')}
Made by \`npm run docs\` from \`docs/generated/decisions/assignability.json\`, which \`npm run assignability\` derives.
`;
  return { path: 'docs/generated/decisions/assignability.md', content };
}

type JsonCell = AssignabilityJson['cells'][number];

function cellSection(
  cell: JsonCell,
  traces: Readonly<Record<string, Trace>>,
  draw: Draw,
  shown: Map<string, string>,
): string {
  const rows = cell.ways.map((way) => {
    const trace = way.trace === null ? undefined : traces[way.trace];
    const name = `${way.mechanism}${way.paravirtual ? ' + PV' : ''}`;
    const costs = way.costs.map(({ descriptors }) => String(descriptors)).join(', ');
    const said = trace?.violation ?? (way.verdict === 'works' ? '' : 'what the guest needs is refused');
    const length = trace === undefined ? '' : counted(trace.steps.length, 'command');
    return [
      name,
      way.verdict,
      way.states.toLocaleString('en-US'),
      costs,
      `${length}${said === '' ? '' : `: ${said}`}`,
    ];
  });
  const drawn = cell.ways.flatMap((way) => {
    const trace = way.trace === null ? undefined : traces[way.trace];
    if (way.trace === null || trace === undefined) return [];
    const text = draw(trace);
    const before = shown.get(text);
    if (before !== undefined) return [`${code(way.trace)}: the same as ${code(before)}.\n`];
    shown.set(text, way.trace);
    return [`${code(way.trace)}:\n\n\`\`\`text\n${text}\n\`\`\`\n`];
  });
  const thread = cell.thread === null ? '' : ` The thread: ${cell.thread}.`;
  return `## ${cell.id}: ${cell.word}

${thread === '' ? '' : `${thread.trim()}\n\n`}${table([['way', '', 'states', 'descriptors written', 'shortest evidence'], ...rows])}

<details><summary>The traces</summary>

${drawn.join('\n')}
</details>
`;
}
