import { relative } from 'node:path/posix';
import type { Alternative, DecisionRecord } from '../../../spec/decisions/index.ts';
import { counted } from '../markdown.ts';
import { designName, designsOf, type Finding, findingOf, type TopicEvidence } from './evidence.ts';

/** Where the pages are. */
export const FOLDER = 'docs/generated/decisions';

/** `d-01.md` */
export function pageOfRecord(id: string): string {
  return `d-${id.slice('D-'.length).padStart(2, '0')}.md`;
}

/** What became of a property under a design, as a cell of a table: a violation links to its trace. */
export function findingCell({ property, verdict, shown }: Finding): string {
  if (shown !== null) {
    const link = `[${counted(shown.trace.steps.length, 'command')}](${relative(FOLDER, shown.page)})`;
    return property.wish === true ? `costs it: ${link}` : link;
  }
  return verdict === 'vacuous' ? 'never comes up' : 'holds';
}

/** The answer's words. */
export function answerOf(alternative: Alternative): string {
  return typeof alternative === 'string' ? alternative : alternative.answer;
}

/** `(a)` for the first alternative. */
export function letterOf(at: number): string {
  return `(${String.fromCharCode('a'.charCodeAt(0) + at)})`;
}

/** What the model says of each design of a record: `(a) holds`, ``(b) violated``, or by the design's name. */
export function verdictsOf(record: DecisionRecord, evidence: TopicEvidence): readonly string[] {
  if (record.properties.length === 0) return [];
  const { alternatives } = record;
  const letters = new Map<string, string>();
  for (const [at, each] of alternatives.entries()) {
    if (typeof each === 'string') continue;
    letters.set(each.design, [letters.get(each.design) ?? '', letterOf(at)].join(''));
  }
  return designsOf(record).map((design) => {
    const verdict = verdictWord(evidence, design, record.properties);
    return `${letters.get(design) ?? designName(design)} ${verdict}`;
  });
}

/** What a design makes of all of these properties together. */
export function verdictWord(evidence: TopicEvidence, design: string, properties: readonly string[]): string {
  const verdicts = properties.map((property) => findingOf(evidence, design, property).verdict);
  if (verdicts.includes('violated')) return 'violated';
  return verdicts.includes('holds') ? 'holds' : 'never comes up';
}
