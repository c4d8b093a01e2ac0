import type { StepProperty } from '../property.ts';

export const everyCommandIsAnswered: StepProperty = {
  id: 'every-command-is-answered',
  sentence:
    'Every command has an answer in every world: nothing that is used is gone, and nothing goes on for ever.',
  source:
    'the kernel neither uses what it has freed, nor follows a pointer to nothing, nor loops with a lock held',
  kind: 'step',
  appliesTo: () => true,
  brokenBy: 'vtd-parent-without-batch',
  violated: ({ thrown }) => thrown ?? null,
  witness: () => true,
};
