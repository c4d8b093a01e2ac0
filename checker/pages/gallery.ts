import { z } from 'zod';
import type { Override } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { ANSWERS } from '../../spec/decisions/answers/index.ts';
import type { DecisionRecord, DecisionSource } from '../../spec/decisions/index.ts';
import { threadOf } from '../../spec/decisions/threads.ts';
import { jsonText } from '../outside/text.ts';
import { traceToJson } from '../trace/encode.ts';
import type { Trace } from '../trace/trace.ts';
import { answerOf, letterOf } from './decisions/cells.ts';
import { designsOf, findingOf, type TopicEvidence } from './decisions/evidence.ts';

/*
 * What the explorer has to choose from: every committed counterexample, every decision, every VMM. Written into the page
 * when it is built, read by it when it is opened.
 */

const trace = z.strictObject({
  /** `<override>/<property>`: its permanent name. */
  name: z.string(),
  kind: z.string(),
  /** What the override does. */
  summary: z.string(),
  source: z.string(),
  property: z.string(),
  /** What must hold. */
  sentence: z.string(),
  scope: z.string(),
  steps: z.int(),
  guarantee: z.string().nullable(),
  violation: z.string(),
  /** The trace file. */
  text: z.string(),
});

const evidence = z.strictObject({
  design: z.string(),
  property: z.string(),
  verdict: z.enum(['holds', 'violated', 'vacuous']),
  /** Name of the trace that shows it. */
  trace: z.string().nullable(),
});

const decision = z.strictObject({
  id: z.string(),
  topic: z.string(),
  question: z.string(),
  answer: z.string(),
  alternatives: z.array(
    z.strictObject({
      letter: z.string(),
      text: z.string(),
      design: z.string().nullable(),
      verdict: z.string().nullable(),
    }),
  ),
  quotes: z.array(
    z.strictObject({
      author: z.string(),
      date: z.string(),
      subject: z.string(),
      says: z.string().nullable(),
    }),
  ),
  built: z.string(),
  evidence: z.array(evidence),
});

const vmm = z.strictObject({
  design: z.string(),
  title: z.string(),
  version: z.string(),
  findings: z.array(
    z.strictObject({
      name: z.string(),
      summary: z.string(),
      severity: z.string(),
      confidence: z.string(),
      property: z.string(),
      report: z.string(),
      source: z.string(),
      trace: z.string().nullable(),
    }),
  ),
});

export const gallerySchema = z.strictObject({
  traces: z.array(trace),
  decisions: z.array(decision),
  vmms: z.array(vmm),
});

export type Gallery = z.infer<typeof gallerySchema>;
export type GalleryTrace = Gallery['traces'][number];
export type GalleryDecision = Gallery['decisions'][number];
export type GalleryVmm = Gallery['vmms'][number];

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

/** The gallery of everything that is committed. */
export function galleryOf(
  committed: readonly Shown[],
  topics: readonly TopicEvidence[],
  vmms: readonly ShownVmm[],
): Gallery {
  const names = new Set(committed.map(({ path }) => nameOf(path)));
  return {
    traces: committed.map(traceEntry),
    decisions: topics
      .flatMap((each) => each.topic.records.map((record) => decisionEntry(record, each)))
      .sort((a, b) => Number(a.id.slice(2)) - Number(b.id.slice(2))),
    vmms: vmms.map((each) => vmmEntry(each, names)),
  };
}

function nameOf(path: string): string {
  return path.replace(/^counterexamples\//, '').replace(/\.(?:json|md)$/, '');
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

function decisionEntry(record: DecisionRecord, topic: TopicEvidence): GalleryDecision {
  const { id, question, alternatives, source, replies = [], built, finding, properties } = record;
  const answer = ANSWERS[id];
  return {
    id,
    topic: topic.topic.title,
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
      properties.map((property) => {
        const { verdict, shown } = findingOf(topic, design, property);
        return { design, property, verdict, trace: shown === null ? null : nameOf(shown.page) };
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
