import type { Override } from '../../../model/rules.ts';

export const guestCommandsUnsynced: Override = {
  name: 'guest-commands-unsynced',
  kind: 'mutant',
  summary: "a guest's invalidations are reported as handled before a SYNC has completed them",
  source: 'arm_smmu_cmdq_issue_cmdlist() with sync; breaks after-invalidation-nothing-stale',
  rules: { smmuMachine: { guestCommandsAreSynced: false } },
};
