import { z } from 'zod';

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
