import type { Property } from '../property.ts';
import { foundAgainIsUsable } from './found-again-is-usable.ts';
import { oneCdTableEach } from './one-cd-table-each.ts';

/** What holds of devices that come and go behind an SMMU. */
export const PROBE_PROPERTIES: readonly Property[] = [foundAgainIsUsable, oneCdTableEach];
