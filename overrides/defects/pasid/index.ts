import type { Override } from '../../../model/rules.ts';
import { absentPasidEntryUsed } from './absent-pasid-entry-used.ts';
import { addressSpaceAtWrongPasid } from './address-space-at-wrong-pasid.ts';
import { bindingsNotReplayed } from './bindings-not-replayed.ts';
import { nestedWithoutInvalidation } from './nested-without-invalidation.ts';
import { pasidInvalidationIgnored } from './pasid-invalidation-ignored.ts';
import { shadowSurvivesDomainInvalidation } from './shadow-survives-domain-invalidation.ts';
import { teardownFlushByPasidOnly } from './teardown-flush-by-pasid-only.ts';

/** Real bugs of hosts and VMMs with PASIDs. */
export const PASID_DEFECTS: readonly Override[] = [
  absentPasidEntryUsed,
  addressSpaceAtWrongPasid,
  bindingsNotReplayed,
  nestedWithoutInvalidation,
  pasidInvalidationIgnored,
  shadowSurvivesDomainInvalidation,
  teardownFlushByPasidOnly,
];
