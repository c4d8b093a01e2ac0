import type { Property } from '../property.ts';
import { foundAgainIsUsable } from './found-again-is-usable.ts';
import { oneCdTableEach } from './one-cd-table-each.ts';
import { resetHoldsDomain } from './reset-holds-domain.ts';

/** What holds of devices that come and go behind an SMMU, or are reset. */
export const PROBE_PROPERTIES: readonly Property[] = [foundAgainIsUsable, oneCdTableEach, resetHoldsDomain];
