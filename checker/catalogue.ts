import { DESIGN_AXES, DEVIATIONS } from '../overrides/index.ts';
import { CALLS_PROPERTIES } from '../properties/calls/index.ts';
import { ALL_PROPERTIES, WISHES } from '../properties/index.ts';
import type { Property } from '../properties/property.ts';
import { ANSWERS } from '../spec/decisions/answers/index.ts';
import { DECISIONS } from '../spec/decisions/index.ts';
import { cited } from '../spec/decisions/threads.ts';
import { SCOPES } from '../workload/scopes/index.ts';
import { type ListedArgument, listCommands } from './command-list.ts';
import { listedRules } from './rules-listed.ts';
import { SWITCHABLE } from './select/axes.ts';
import { selectNames } from './select/by-name.ts';

/** One thing that can be named on the command line. */
export interface CatalogueItem {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Where it comes from. */
  readonly source: string;
  /** A command's. */
  readonly by?: readonly string[];
  readonly args?: readonly ListedArgument[];
  /** What is said beyond that, a line each. */
  readonly details?: readonly string[];
}

const CATALOGUE: Readonly<Record<string, () => readonly CatalogueItem[]>> = {
  properties: () => [
    ...ALL_PROPERTIES.map((property) => ({
      name: property.id,
      summary: `${property.sentence}${wishText(property)}`,
      source: cited(property.source),
    })),
    ...CALLS_PROPERTIES.map(({ id, sentence, source }) => ({
      name: id,
      summary: `${sentence} (of a VMM's calls: looked at in recordings)`,
      source,
    })),
  ],
  designs: () =>
    DESIGN_AXES.flatMap((axis) =>
      axis.values.map(({ name, summary, source }, index) => ({
        name: `${axis.name}=${name}`,
        summary: `${axis.summary}: ${summary}${index === 0 ? ' (default)' : ''}`,
        source: cited(source),
      })),
    ),
  defects: () => SWITCHABLE.map(citedItem),
  deviations: () => DEVIATIONS.map(citedItem),
  rules: listedRules,
  scopes: () => SCOPES.map(({ name, summary, platform }) => ({ name, summary, source: platform.name })),
  commands: listCommands,
  decisions: () =>
    DECISIONS.map(({ id, question, built, source }) => ({
      name: id,
      summary: `${question} Built: ${built}`,
      source: `${source.author}, ${source.date}`,
    })),
};

function citedItem({ name, summary, source }: CatalogueItem): CatalogueItem {
  return { name, summary, source: cited(source) };
}

/** A preference is no promise; the wishes that what was built does not grant are looked at only where they are named. */
function wishText(property: Property): string {
  if (WISHES.includes(property)) return ' (a wish: looked at only by name)';
  return property.wish === true ? ' (a wish)' : '';
}

/** What can be listed. */
export const KINDS: readonly string[] = Object.keys(CATALOGUE);

/**
 * Everything of a kind.
 * @throws UsageError for a kind that there is not.
 */
export function catalogue(kind: string): readonly CatalogueItem[] {
  const [known] = selectNames('kind', KINDS, (each) => each, [kind]);
  return known === undefined ? [] : (CATALOGUE[known]?.() ?? []);
}

/** Every question with its answer instead of its alternatives. */
export function decisionVerdicts(): readonly CatalogueItem[] {
  return DECISIONS.map(({ id, question, source, finding }) => ({
    name: id,
    summary: `${question} ${ANSWERS[id]?.answer ?? finding ?? 'Not judged yet.'}`,
    source: `${source.author}, ${source.date}`,
  }));
}
