import { type MutationData, unmutated } from '../measure/mutation.ts';
import { code, type Page, table } from './markdown.ts';

/** The generated page on mutation testing of the model. */
export function mutationPage(data: MutationData): Page {
  const { mutations, runs } = data;
  const killed = mutations.filter(({ killedBy }) => killedBy !== null);
  const survivors = mutations.filter(({ killedBy }) => killedBy === null);
  const percent = mutations.length === 0 ? 0 : Math.round((100 * killed.length) / mutations.length);
  const none = unmutated();
  const content = `# Mutation testing of the model

Each decision point of \`model/rules.ts\` is given another answer, the opposite where it says yes or no, and a check of
${runs} runs of all scopes at seed 1 is made. A mutant is killed by the first property that is violated.

A mutation tool that changes the source text (StrykerJS) would run the whole test suite for each of some ten thousand
changes, most of them of code that no rule of the interface rests on: days of computing for a score that mixes the two.
The decision points are where the model was made to differ, there are ${mutations.length + none.length} of them, and a full run takes minutes
(\`npm run mutation\`). A bounded one is part of \`npm test\`. What this does not measure is code between the decision points;
that is held by the tests of refusals, of the outcomes that random runs may have, and by the recordings.

**Score: ${killed.length} of ${mutations.length} killed (${percent} %).**

## Survivors

No property is violated within these runs. Some change only what recordings and unit tests look at (the walk of
\`model/smmu/architecture\` is held to 320 tests and to QEMU's recorded answers), some need longer checks, and some are
choices of a design that no property forbids.

${table([['decision point', 'answer'], ...survivors.map(({ point, how }) => [code(point), how])])}

## Killed

${table([['decision point', 'answer', 'killed by', 'in run'], ...killed.map(({ point, how, killedBy, run }) => [code(point), how, code(killedBy ?? ''), String(run)])])}

## Not mutated

Decision points that answer with more than yes or no, and for which \`overrides/alternatives.ts\` has no other answer:
${none.map(code).join(', ') || 'none'}.
`;
  return { path: 'docs/mutation.md', content };
}
