import type { Property } from '../property.ts';
import { foundAgainIsUsable } from './found-again-is-usable.ts';
import { oneCdTableEach } from './one-cd-table-each.ts';
import { ownedGroupIsBlocked } from './owned-group-is-blocked.ts';
import { resetHoldsDomain } from './reset-holds-domain.ts';

/** What holds of devices and groups: that come and go behind an SMMU, are reset, or are owned. */
export const PROBE_PROPERTIES: readonly Property[] = [
  foundAgainIsUsable,
  oneCdTableEach,
  ownedGroupIsBlocked,
  resetHoldsDomain,
];
