import type { Difference, DisagreementKind, Disagreements } from './report.ts';

/** How much of a long list of disagreements a report shows. */
const MOST_KINDS = 40;
const MOST_EXAMPLES = 3;

interface Gathered {
  count: number;
  sections: number;
  readonly examples: Difference[];
}

/** Gathers disagreements by kind. */
export class Kinds {
  private readonly gathered = new Map<string, Gathered>();
  private readonly sections = new Set<string>();
  private total = 0;

  note(kind: string, difference: Difference): void {
    const known = this.gathered.get(kind) ?? { count: 0, sections: 0, examples: [] };
    this.gathered.set(kind, known);
    this.total++;
    known.count++;
    if (!this.sections.has(difference.section)) known.sections++;
    this.sections.add(difference.section);
    if (known.examples.length < MOST_EXAMPLES) known.examples.push(difference);
  }

  report(): Disagreements {
    const kinds: DisagreementKind[] = [...this.gathered]
      .map(([kind, { count, sections, examples }]) => ({ kind, count, sections, examples }))
      .sort((a, b) => b.sections - a.sections || b.count - a.count || (a.kind < b.kind ? -1 : 1));
    return {
      total: this.total,
      moreKinds: Math.max(0, kinds.length - MOST_KINDS),
      kinds: kinds.slice(0, MOST_KINDS),
    };
  }
}
