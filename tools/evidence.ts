import type { DesignEvidence, Finding, TopicEvidence } from '../checker/pages/decisions/evidence.ts';
import { DESIGN_AXES, resolveDesign } from '../overrides/index.ts';
import { TOPICS } from '../spec/decisions/index.ts';
import type { Committed } from './committed.ts';
import { planOf, type TopicPlan } from './topics.ts';
import { readVerdicts, type TopicVerdicts } from './verdicts.ts';

/** The verdicts of every topic, each violation with the committed trace that shows it. */
export async function topicEvidence(committed: readonly Committed[]): Promise<readonly TopicEvidence[]> {
  const verdicts = await readVerdicts();
  return TOPICS.map((topic) => {
    const known = verdicts.topics.find((each) => each.topic === topic.name);
    if (known === undefined) throw missing(topic.name);
    const plan = planOf(topic);
    const { runs, steps, seed, scopes } = known;
    const designs = plan.designs.map((design) => evidenceOf(design, plan, known, committed));
    return { topic, designs, runs, steps, seed, scopes };
  });
}

function missing(what: string): Error {
  return new Error(`docs/generated/decisions/verdicts.json has nothing on ${what}; npm run verdicts`);
}

function evidenceOf(
  design: string,
  { properties }: TopicPlan,
  known: TopicVerdicts,
  committed: readonly Committed[],
): DesignEvidence {
  const findings = properties.map((property): Finding => {
    const verdict = known.designs[design]?.[property.id];
    if (verdict === undefined) throw missing(`${property.id} under '${design}'`);
    if (verdict !== 'violated') return { property, verdict, shown: null };
    const shown = committed.find((each) => each.property === property && isOf(each, design));
    if (shown === undefined) throw new Error(`no committed trace of ${property.id} under ${design}`);
    return { property, verdict, shown: { trace: shown.trace, page: shown.page, rules: shown.rules } };
  });
  return { design, ...describe(design), findings };
}

/** Whether a trace was recorded under exactly this design. */
export function isOf({ trace }: Committed, design: string): boolean {
  const resolved = resolveDesign(design === '' ? [] : [design]);
  if ('error' in resolved) throw new Error(resolved.error);
  return (
    trace.defects.length === 0 &&
    Object.entries(resolved.choice).every(([axis, value]) => {
      // An axis that came later than the trace has its default there.
      return (trace.design[axis] ?? defaultOf(axis)) === value;
    })
  );
}

function defaultOf(axis: string): string | undefined {
  return DESIGN_AXES.find(({ name }) => name === axis)?.values[0]?.name;
}

/** What a selector's parts say of themselves. */
function describe(design: string): { readonly summary: string; readonly source: string } {
  const chosen = design.split(',').flatMap((part) => {
    const [axis, value] = part.split('=');
    return DESIGN_AXES.find(({ name }) => name === axis)?.values.filter(({ name }) => name === value) ?? [];
  });
  return {
    summary: chosen.map(({ summary }) => summary).join('; ') || 'the default on every axis',
    source:
      chosen.map(({ source }) => source).join('; ') || 'what the documentation and the architecture promise',
  };
}
