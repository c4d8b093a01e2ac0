import { survival } from '../../overrides/survivors.ts';
import type { CodeMutation } from '../measure/code-mutation.ts';
import { CODE_SURVIVORS } from '../measure/code-survivors.ts';
import { type MutationData, unmutated } from '../measure/mutation.ts';
import { codeMutationSection } from './code-mutation.ts';
import { code, type Page, table } from './markdown.ts';

/** The generated page on mutation testing of the model. */
export function mutationPage(data: MutationData, ofCode: CodeMutation | null): Page {
  const { mutations, runs } = data;
  const survivors = mutations.filter(({ killedBy, recording }) => killedBy === null && recording === null);
  const killed = mutations.filter((each) => !survivors.includes(each));
  const percent = mutations.length === 0 ? 0 : Math.round((100 * killed.length) / mutations.length);
  const none = unmutated();
  const content = `# Mutation testing of the model

Each decision point is given another answer, the opposite where it says yes or no, and a check of
${runs} runs of all scopes at seed 1 is made. A mutant is killed by the first property that is violated. Where there is none, the
committed recordings of Linux and QEMU are replayed: a mutant with which the model does not give their answers any more is killed, too.

The decision points are where the model was made to differ; there are ${mutations.length + none.length} of them. A bounded run is part of
\`npm test\`. ${
    ofCode === null
      ? 'Code between them is tried by the second part of `npm run mutation`; what it found is not in this tree.'
      : 'Code between them is [mutated too](#code-between-the-decision-points), a sample of it. `npm run mutation` does both.'
  }

**Score: ${killed.length} of ${mutations.length} killed (${percent} %).**

## Survivors

No property is violated within these runs, and every recording is answered as before.

${table([['decision point', 'answer', 'why'], ...survivors.map(({ point, how }) => [code(point), how, survival(point) ?? 'not explained'])])}

## Killed

${table([['decision point', 'answer', 'killed by', 'in run'], ...killed.map(({ point, how, killedBy, run, recording }) => [code(point), how, code(killedBy ?? recording ?? ''), run === null ? '' : String(run)])])}

## Not mutated

Decision points that answer with more than yes or no, and for which \`overrides/alternatives.ts\` has no other answer:
${none.map(code).join(', ') || 'none'}.
${ofCode === null ? '' : `\n${codeMutationSection(ofCode, CODE_SURVIVORS)}`}`;
  return { path: 'docs/generated/mutation.md', content };
}
