import type { StepProperty } from '../property.ts';

export const everyCommandIsAnswered: StepProperty = {
  id: 'every-command-is-answered',
  sentence: 'Every command returns an answer from every state: it uses nothing that was freed, and it ends.',
  source:
    'the kernel neither uses what it has freed, nor follows a pointer to nothing, nor loops with a lock held',
  kind: 'step',
  appliesTo: () => true,
  brokenBy: 'vtd-parent-without-batch',
  violated: ({ thrown }) => thrown ?? null,
  witness: () => true,
};
