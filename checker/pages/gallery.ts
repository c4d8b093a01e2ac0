import type { Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { ANSWERS } from '../../spec/decisions/answers/index.ts';
import { type DecisionRecord, type DecisionSource, TOPICS, type Topic } from '../../spec/decisions/index.ts';
import { threadOf } from '../../spec/decisions/threads.ts';
import { jsonText } from '../outside/text.ts';
import { traceToJson } from '../trace/encode.ts';
import type { Trace } from '../trace/trace.ts';
import { answerOf, letterOf } from './decisions/cells.ts';
import { designsOf } from './decisions/evidence.ts';
import type { Gallery, GalleryDecision, GalleryTrace, GalleryVmm } from './gallery-schema.ts';

const KINDS: Readonly<Record<Override['kind'], string>> = {
  design: 'a design',
  deviation: 'a real system',
  defect: 'a fixed bug',
  mutant: 'a rule broken on purpose',
};

/** A committed counterexample as the gallery needs it. */
export interface Shown {
  /** Path in the repository: `counterexamples/<override>/<property>.json`. */
  readonly path: string;
  readonly trace: Trace;
  readonly property: Property;
  readonly override: Override;
}

/** What is read of a VMM's page. */
export interface ShownVmm {
  readonly design: string;
  readonly title: string;
  readonly version: string;
  readonly findings: readonly {
    readonly deviation: Override;
    readonly severity: string;
    readonly confidence: string;
    readonly property: string;
    readonly report: string;
  }[];
}

/** What checks said of a property under a design, and the path of the trace that shows it; null: nothing as yet. */
export type Evidence = (
  topic: Topic,
  design: string,
  property: string,
) => {
  readonly verdict: GalleryDecision['evidence'][number]['verdict'];
  readonly path: string | null;
} | null;

/** The gallery of everything that is committed. */
export function galleryOf(
  committed: readonly Shown[],
  evidence: Evidence,
  vmms: readonly ShownVmm[],
): Gallery {
  const names = new Set(committed.map(({ path }) => nameOf(path)));
  return {
    traces: committed.map(traceEntry),
    decisions: TOPICS.flatMap((topic) =>
      topic.records.map((record) => decisionEntry(record, topic, evidence)),
    ).sort((a, b) => Number(a.id.slice(2)) - Number(b.id.slice(2))),
    vmms: vmms.map((each) => vmmEntry(each, names)),
  };
}

function nameOf(path: string): string {
  return path.replace(/^counterexamples\//, '').replace(/\.json$/, '');
}

function traceEntry({ path, trace: { violation, ...about }, property, override }: Shown): GalleryTrace {
  return {
    name: nameOf(path),
    kind: KINDS[override.kind],
    summary: override.summary,
    source: override.source,
    property: property.id,
    sentence: property.sentence,
    scope: about.scope,
    steps: about.steps.length,
    guarantee: about.guarantee,
    violation: violation ?? '',
    text: jsonText(traceToJson({ ...about, violation })),
  };
}

function decisionEntry(record: DecisionRecord, topic: Topic, evidence: Evidence): GalleryDecision {
  const { id, question, alternatives, source, replies = [], built, finding, properties } = record;
  const answer = ANSWERS[id];
  return {
    id,
    topic: topic.title,
    question,
    answer: answer?.answer ?? finding ?? '',
    alternatives: alternatives.map((each, at) => ({
      letter: letterOf(at),
      text: answerOf(each),
      design: typeof each === 'string' ? null : each.design,
      verdict: answer?.verdicts[at] ?? null,
    })),
    quotes: [source, ...replies].map(quoteOf),
    built,
    evidence: designsOf(record).flatMap((design) =>
      properties.flatMap((property) => {
        const found = evidence(topic, design, property);
        if (found === null) return [];
        return [{ design, property, verdict: found.verdict, trace: found.path && nameOf(found.path) }];
      }),
    ),
  };
}

function quoteOf({ seed, author, date, says }: DecisionSource): GalleryDecision['quotes'][number] {
  return { author, date, subject: threadOf(seed)?.subject ?? seed, says: says ?? null };
}

function vmmEntry({ design, title, version, findings }: ShownVmm, names: ReadonlySet<string>): GalleryVmm {
  return {
    design,
    title,
    version,
    findings: findings.map(({ deviation, severity, confidence, property, report }) => {
      const name = `${deviation.name}/${property}`;
      return {
        name: deviation.name,
        summary: deviation.summary,
        severity,
        confidence,
        property,
        report,
        source: deviation.source,
        trace: names.has(name) ? name : null,
      };
    }),
  };
}
