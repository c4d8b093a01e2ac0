import type { Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { renderMermaid } from '../render/mermaid.ts';
import { type Drawing, renderText } from '../render/text.ts';
import type { Trace } from '../trace/trace.ts';
import { table } from './markdown.ts';

/** What a page on a counterexample needs beside the trace. */
export interface CounterexamplePage extends Drawing {
  /** What breaks the property. */
  readonly override: Override;
  readonly property: Property;
  /** Path of the trace in the repository. */
  readonly path: string;
}

/** What a trace's guarantee means, in words. */
const GUARANTEES: Readonly<Record<string, string>> = {
  '1-minimal': 'no single command can be left out and no argument made simpler',
  shortest: 'no shorter trace violates the property, as exhaustive search up to this length showed',
};

/** A page on a committed counterexample: what is violated, who did what, each step, and how to replay it. */
export function counterexamplePage(trace: Trace, page: CounterexamplePage): string {
  const { override, property, path } = page;
  const selectors = Object.entries(trace.design).map(([axis, value]) => `${axis}=${value}`);
  const guarantee = GUARANTEES[trace.guarantee ?? ''];
  return `# ${override.name} breaks ${property.id}

**Must hold:** ${property.sentence}
(${property.source})

**What breaks it:** ${override.summary}.
(${override.source})

**So:** ${trace.violation}.

\`\`\`mermaid
${renderMermaid(trace, page)}
\`\`\`

${trace.steps.length} commands, from a platform on which nothing has happened yet (scope \`${trace.scope}\`, ${selectors.join(', ')}).
The trace is ${trace.guarantee}${guarantee === undefined ? '' : `: ${guarantee}`}.

\`\`\`text
${renderText(trace, page)}
\`\`\`

Replay it:

\`\`\`console
$ npx nestcheck replay ${path}
\`\`\`
`;
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
property, is still minimal, and does not violate it under the intended rules.

${table([['what', '', 'breaks', 'commands', 'guarantee', 'what it does'], ...rows])}
`;
}

const KINDS: Readonly<Record<Override['kind'], string>> = {
  design: 'a design',
  deviation: 'a real system',
  defect: 'a fixed bug',
  mutant: 'a rule broken on purpose',
};
