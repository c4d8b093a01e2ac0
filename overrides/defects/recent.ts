import { table } from '../table.ts';
import { mevBreaksUpdate } from './mev-breaks-update.ts';

export const RECENT_DEFECTS = table({
  'stage2-never-stalls': {
    kind: 'defect',
    summary: 'stage-2 STEs never ask for stalls, although this SMMU requires them: it refuses the STEs',
    source: 'iommu/arm-smmu-v3: Match Stall behaviour for S2 (Linux 6.11.3); IHI0070 5.2, STE.S2S',
    rules: { smmuDriver: { stage2StallsIfItMust: false } },
  },
  'mev-breaks-update': mevBreaksUpdate,
});
