import type { Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { cited } from '../../spec/decisions/threads.ts';
import { changesText } from '../../workload/scopes/platform-changes.ts';
import { markdownFence, markdownText } from '../outside/markdown.ts';
import { shellWord } from '../outside/shell.ts';
import { oneLine } from '../outside/text.ts';
import { renderBrief } from '../render/brief.ts';
import { renderMermaid } from '../render/mermaid.ts';
import { PLAIN } from '../render/paint.ts';
import { type Drawing, renderText, WHOLE } from '../render/text.ts';
import { designWords } from '../render/under.ts';
import { isModulePath } from '../select/module-path.ts';
import { guaranteeWords } from '../shortest/words.ts';
import { MAX_PATH } from '../trace/limits.ts';
import type { Trace } from '../trace/trace.ts';
import { intendedText } from './intended.ts';
import { code, counted, table } from './markdown.ts';

/** What a page on a counterexample needs beside the trace. */
export interface CounterexamplePage extends Drawing {
  /** What breaks the property; null: the design under which it was found, as a whole. */
  readonly override: Pick<Override, 'name' | 'summary' | 'source'> | null;
  readonly property: Property;
  /** Where the trace is, as a command line names it; null where it was not written. */
  readonly path: string | null;
}

/** A page on a counterexample: what is violated, who did what, each step, what was intended, and how to replay it. */
export function counterexamplePage(trace: Trace, page: CounterexamplePage): string {
  const { override, property, path } = page;
  return [
    override === null
      ? `# ${markdownText(property.id)} is violated`
      : `# ${markdownText(override.name)} breaks ${markdownText(property.id)}`,
    `**Must hold:** ${markdownText(property.sentence)}\n(${markdownText(cited(property.source))})`,
    override === null
      ? null
      : `**What breaks it:** ${markdownText(override.summary)}.\n(${markdownText(cited(override.source))})`,
    `**So:** ${markdownText(trace.violation ?? '')}.`,
    markdownFence('text', renderBrief(trace, page)),
    markdownFence('mermaid', renderMermaid(trace, page)),
    `## Step by step`,
    guaranteeText(trace),
    markdownFence('text', renderText(trace, page, PLAIN, WHOLE)),
    ...intendedSection(trace, page),
    ...(path === null ? [] : ['## Replay it', markdownFence('console', replayLine(trace, path))]),
  ]
    .filter((part) => part !== null)
    .join('\n\n')
    .concat('\n');
}

/** Reading a trace runs no module, so the command says which may be. */
function replayLine({ design }: Trace, path: string): string {
  const modules = Object.keys(design).filter(isModulePath);
  const words = [...modules.map((module) => `--design ${shellWord(module)}`), shellWord(path)];
  return oneLine(`$ npx nestcheck replay ${words.join(' ')}`, MAX_PATH);
}

function designText({ platform, design, defects }: Trace): string {
  return [...changesText(platform), ...designWords(design), ...defects].join(', ');
}

function guaranteeText(trace: Trace): string {
  const { steps, scope, guarantee } = trace;
  const from = `${counted(steps.length, 'command')}, from a platform on which nothing has happened yet (scope ${code(scope)}, ${markdownText(designText(trace))}).`;
  if (guarantee === null) return from;
  return `${from}\nThe trace is ${guarantee}: ${guaranteeWords(guarantee, trace)}.`;
}

function intendedSection(trace: Trace, page: CounterexamplePage): readonly string[] {
  const text = intendedText(trace, page);
  return text === null ? [] : ['## Under the intended rules', text];
}

/** One line of the index of counterexamples. */
export interface IndexEntry {
  readonly override: Override;
  readonly property: Property;
  readonly trace: Trace;
  /** Path of the page, relative to the index. */
  readonly page: string;
}

/** The index: what breaks what, in how many commands. */
export function counterexampleIndex(entries: readonly IndexEntry[]): string {
  const rows = entries.map(({ override, property, trace, page }) => [
    override.name,
    KINDS[override.kind],
    `[${property.id}](${page})`,
    String(trace.steps.length),
    trace.guarantee ?? '',
    override.summary,
  ]);
  return `# Counterexamples

Minimal traces of what real systems do against their documentation, of what designs give up, and of what real bugs did,
found by \`nestcheck check\`, each kept as JSON and as a page made from it. A test holds each: it still violates its
property, is still minimal, and does not violate it under the intended rules. \`shortest\`: exhaustive search has shown that no
sequence of fewer commands does; its page says of which commands. Where search came less far, the page says how far.

${table([['what', '', 'breaks', 'commands', 'guarantee', 'what it does'], ...rows])}
`;
}

const KINDS: Readonly<Record<Override['kind'], string>> = {
  design: 'a design',
  deviation: 'a real system',
  defect: 'a fixed bug',
  mutant: 'a rule broken on purpose',
};
