import { table } from '../table.ts';
import { unpinRunsPastAccess } from './unpin-runs-past-access.ts';

/** Bugs of accesses, of what they pin, and of dma-bufs. */
export const ACCESS_DEFECTS = table({
  'unpin-runs-past-access': unpinRunsPastAccess,
  'access-used-while-moved': {
    kind: 'defect',
    summary: 'an access is used while it is being moved, without a check that it is on an IOAS',
    source:
      'iommufd: Fix protection fault in iommufd_test_syz_conv_iova (CVE-2024-26785); there it was an ioctl of the selftests that did not look',
    rules: { accesses: { looksForIoas: false } },
  },
  'revoked-is-mapped-again': {
    kind: 'defect',
    summary: 'a domain that joins an IOAS maps dma-bufs there that were revoked',
    source: 'iommufd: Do not map/unmap revoked DMABUFs (2025-11-22, 2026-06)',
    rules: { accesses: { mapsRevoked: true } },
  },
});
