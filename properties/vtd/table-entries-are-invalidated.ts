import { followsVtd } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { vtdEntryName } from './caches.ts';

export const tableEntriesAreInvalidated: StepProperty = {
  id: 'table-entries-are-invalidated',
  sentence:
    'Once a call has returned, no cache holds a context entry or a PASID table entry that memory no longer has: where it leads, others may have their tables.',
  source: 'VT-d 6.5.3.3; iommu/vt-d: Invalidate PASID cache when root/context entry changed',
  kind: 'step',
  appliesTo: followsVtd,
  brokenBy: 'vtd-context-change-keeps-pasid-cache',
  violated({ world }) {
    const kept = world.vtd?.stale.find(({ cache }) => cache === 'context' || cache === 'pasid');
    return kept === undefined ? null : `caches may still hold ${vtdEntryName(world, kept)}`;
  },
  witness: ({ effects }) =>
    effects.some((effect) => effect.kind === 'vtdWritten' && effect.what.table === 'context'),
};
