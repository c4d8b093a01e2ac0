import { decode } from '../../spec/bits.ts';
import { cd } from '../../spec/smmuv3/cd.ts';
import { ste } from '../../spec/smmuv3/ste.ts';
import { hex } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The table that the driver's entry names: of an STE that of stage 2, of a CD that of stage 1. */
function tableNamed(of: 'ste' | 'cd', words: readonly bigint[]): bigint {
  return of === 'ste' ? decode(ste, words).S2TTB : decode(cd, words).TTB0;
}

function early({ effects }: Transition): string | null {
  for (const effect of effects) {
    if (effect.kind !== 'entryWrittenEarly') continue;
    const table = tableNamed(effect.of, effect.words);
    if (effect.tables.includes(table))
      return `${effect.of === 'ste' ? 'an STE' : 'a CD'} names the table at ${hex(table)}, whose contents an SMMU need not see yet`;
  }
  return null;
}

export const tablesPrecedeEntries: StepProperty = {
  id: 'tables-precede-entries',
  sentence:
    'Before the driver writes an entry that names a table, what it stored in the table is ordered before that: the SMMU may fetch the entry at once.',
  source: 'IHI0070 3.21; iommu/arm-smmu-v3: Add a missing dma_wmb() for hitless STE update',
  kind: 'step',
  appliesTo: followsCaches,
  brokenBy: 'entry-written-before-tables',
  violated: early,
  witness: ({ effects }) =>
    effects.some((effect) => effect.kind === 'steWritten' && tableNamed('ste', effect.words) !== 0n),
};
