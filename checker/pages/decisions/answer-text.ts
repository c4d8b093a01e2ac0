import { relative } from 'node:path/posix';
import { ANSWERS, type Shown } from '../../../spec/decisions/answers/index.ts';
import type { DecisionRecord } from '../../../spec/decisions/index.ts';
import { scopeByName } from '../../../workload/scopes/index.ts';
import { renderBrief } from '../../render/brief.ts';
import { code, counted } from '../markdown.ts';
import { FOLDER } from './cells.ts';
import { designName, type Finding, findingOf, type TopicEvidence } from './evidence.ts';

/**
 * The page's first line: the answer, and what it rests on; under it the first trace in its form for a mail. Where nobody
 * has judged yet it is the record's own finding.
 * @throws Error where checks say otherwise than the answer claims.
 */
export function answerText({ id, finding: said }: DecisionRecord, evidence: TopicEvidence): string {
  const answer = ANSWERS[id];
  if (answer === undefined) return said === undefined ? '' : `**${said}**\n\n`;
  const shown = (answer.shows ?? []).map((each) => ({ each, finding: agreed(id, each, evidence) }));
  const traces = shown
    .filter(({ finding }) => finding.shown !== null)
    .map(({ each, finding }) => linkOf(each, finding));
  const cells = (answer.cells ?? []).map((cell) => `[${cell}](assignability.md)`);
  const holding = shown
    .filter(({ finding }) => finding.shown === null)
    .map(({ each: [design, property] }) => `${code(property)} under ${designName(design)}`);
  const rests = [
    ...(traces.length === 0 ? [] : [`Trace: ${traces.join('; ')}.`]),
    ...(cells.length === 0 ? [] : [`Traces of every way: ${cells.join(', ')}.`]),
    ...(holding.length === 0 ? [] : [`No violation found: ${holding.join(', ')}.`]),
  ];
  const first = shown.find(({ finding }) => finding.shown !== null)?.finding;
  return `**${answer.answer}** ${rests.join(' ')}\n\n${first === undefined ? '' : `${briefOf(first)}\n\n`}`;
}

function agreed(id: string, [design, property, verdict]: Shown, evidence: TopicEvidence): Finding {
  const finding = findingOf(evidence, design, property);
  if (finding.verdict !== verdict)
    throw new Error(
      `${id} says that ${property} is ${verdict} under '${design}'; checks say ${finding.verdict}`,
    );
  return finding;
}

function linkOf([design]: Shown, { property, shown }: Finding): string {
  if (shown === null) return '';
  const steps = counted(shown.trace.steps.length, 'command');
  return `[${property.id}](${relative(FOLDER, shown.page)}) under ${designName(design)}, ${steps}`;
}

function briefOf({ property, shown }: Finding): string {
  const scope = shown === null ? undefined : scopeByName(shown.trace.scope);
  if (shown === null || scope === undefined) return '';
  return `\`\`\`text\n${renderBrief(shown.trace, { scope, rules: shown.rules, property })}\n\`\`\``;
}
