import { designsOf } from '../checker/pages/decisions/evidence.ts';
import { DESIGN_AXES } from '../overrides/index.ts';
import { ALL_PROPERTIES } from '../properties/index.ts';
import type { Property } from '../properties/property.ts';
import type { Topic } from '../spec/decisions/index.ts';
import { SCOPES } from '../workload/scopes/index.ts';
import type { Scope } from '../workload/scopes/scope.ts';

/** What a topic's designs are checked for, in the order in which its matrix has them. */
export interface TopicPlan {
  readonly topic: Topic;
  readonly scopes: readonly Scope[];
  readonly designs: readonly string[];
  readonly properties: readonly Property[];
}

/** Every design and every property that a record of the topic names. */
export function planOf(topic: Topic): TopicPlan {
  const named = new Set(topic.records.flatMap(({ properties }) => properties));
  const designs = [...new Set(topic.records.flatMap(designsOf))];
  const known = DESIGN_AXES.flatMap(({ name, values }) => values.map((value) => `${name}=${value.name}`));
  return {
    topic,
    scopes: topic.scopes === undefined ? SCOPES : SCOPES.filter(({ name }) => topic.scopes?.includes(name)),
    designs: designs.sort((a, b) => known.indexOf(a) - known.indexOf(b)),
    properties: ALL_PROPERTIES.filter(({ id }) => named.has(id)),
  };
}
