import { MIXED_HOSTS } from './mixed-hosts.ts';
import type { DecisionRecord } from './record.ts';
import { VSMMU_LIFE } from './vsmmu-life.ts';

export type { DecisionRecord, DecisionSource } from './record.ts';

/** Every decision record, by number. */
export const DECISIONS: readonly DecisionRecord[] = [...VSMMU_LIFE, ...MIXED_HOSTS];
