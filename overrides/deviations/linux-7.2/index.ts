import type { Override } from '../../../model/rules.ts';
import { containerCookieOfFirstGroup } from './container-cookie-of-first-group.ts';
import { emptyInvalidationRefused } from './empty-invalidation-refused.ts';
import { failedAnswerDetachesRid } from './failed-answer-detaches-rid.ts';
import { failedNestedAttachBlocks } from './failed-nested-attach-blocks.ts';
import { failedReplaceUnreserves } from './failed-replace-unreserves.ts';
import { invalidateDropsConverted } from './invalidate-drops-converted.ts';
import { msiWindowUnenforced } from './msi-window-unenforced.ts';
import { nestedDeviceIncoherent } from './nested-device-incoherent.ts';
import { pasidZeroIsRid } from './pasid-zero-is-rid.ts';
import { reservedCommandBitsPassed } from './reserved-command-bits-passed.ts';
import { viommuReservedIgnored } from './viommu-reserved-ignored.ts';
import { virtIdTruncated } from './virt-id-truncated.ts';
import { vsmmusShareVmid } from './vsmmus-share-vmid.ts';

/** Where Linux 7.2.13 does not do what its documentation says: shown by a recording of the running kernel, or read where its source says so. */
export const linux72: readonly Override[] = [
  invalidateDropsConverted,
  failedReplaceUnreserves,
  emptyInvalidationRefused,
  vsmmusShareVmid,
  viommuReservedIgnored,
  virtIdTruncated,
  nestedDeviceIncoherent,
  reservedCommandBitsPassed,
  msiWindowUnenforced,
  failedAnswerDetachesRid,
  pasidZeroIsRid,
  failedNestedAttachBlocks,
  containerCookieOfFirstGroup,
];
