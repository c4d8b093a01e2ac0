import type { Rules } from '../../../model/rules.ts';
import type { Property } from '../../../properties/property.ts';
import type { DecisionRecord, Topic } from '../../../spec/decisions/index.ts';
import type { Verdict } from '../../report.ts';
import type { Trace } from '../../trace/trace.ts';

/** What became of a property under a design. */
export interface Finding {
  readonly property: Property;
  readonly verdict: Exclude<Verdict, 'inconclusive'>;
  /** The committed counterexample; null unless it is violated. */
  readonly shown: {
    readonly trace: Trace /** Path of its page in the repository. */;
    readonly page: string;
    /** What its design stands for. */
    readonly rules: Rules;
  } | null;
}

/** A design, and what became of each property of its topic under it. */
export interface DesignEvidence {
  /** `vsmmu=inherit`; empty: the intended design. */
  readonly design: string;
  readonly summary: string;
  readonly source: string;
  readonly findings: readonly Finding[];
}

/** A topic with all its evidence. */
export interface TopicEvidence {
  readonly topic: Topic;
  readonly designs: readonly DesignEvidence[];
  /** Random runs of each design, commands in each, seed and scopes. */
  readonly runs: number;
  readonly steps: number;
  readonly seed: number;
  readonly scopes: readonly string[];
}

/** The designs that a record looks at, by their selectors. */
export function designsOf({ alternatives, designs }: DecisionRecord): readonly string[] {
  const stand = alternatives.flatMap((each) => (typeof each === 'string' ? [] : [each.design]));
  const all = [...new Set([...stand, ...designs])];
  return all.length === 0 ? [''] : all;
}

/** What a reader calls a design. */
export function designName(design: string): string {
  return design === '' ? 'the intended design' : `\`${design}\``;
}

export function findingOf(evidence: TopicEvidence, design: string, property: string): Finding {
  const found = evidence.designs
    .find((each) => each.design === design)
    ?.findings.find((each) => each.property.id === property);
  if (found === undefined) throw new Error(`no evidence of ${property} under '${design}'`);
  return found;
}
