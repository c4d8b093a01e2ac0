import type { Override } from '../../../model/rules.ts';
import { accessUsedWhileMoved } from './access-used-while-moved.ts';
import { revokedIsMappedAgain } from './revoked-is-mapped-again.ts';
import { unpinRunsPastAccess } from './unpin-runs-past-access.ts';

/** Bugs of accesses, of what they pin, and of dma-bufs. */
export const ACCESS_DEFECTS: readonly Override[] = [
  unpinRunsPastAccess,
  accessUsedWhileMoved,
  revokedIsMappedAgain,
];
