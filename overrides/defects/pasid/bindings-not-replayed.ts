import type { Override } from '../../../model/rules.ts';

export const bindingsNotReplayed: Override = {
  name: 'bindings-not-replayed',
  kind: 'defect',
  summary: 'a VMM that reads the context entry anew does not set up the PASIDs which were invalidated before',
  source: 'intel_iommu: Replay pasid bindings after context cache invalidation (QEMU cfb5139b1d)',
  rules: { pasid: { contextInvalidationRebinds: false } },
};
