import type { Override } from '../../../model/rules.ts';

export const revokedIsMappedAgain: Override = {
  name: 'revoked-is-mapped-again',
  kind: 'defect',
  summary: 'a domain that joins an IOAS maps dma-bufs there that were revoked',
  source: 'iommufd: Do not map/unmap revoked DMABUFs (2025-11-22, 2026-06)',
  rules: { accesses: { mapsRevoked: true } },
};
