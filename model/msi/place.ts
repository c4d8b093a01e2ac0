import type { MsiMap } from '../iommufd/context.ts';

/** The input address at which a domain has a doorbell's page. */
export function placeOfMap({ swMsiStart, pgoff }: MsiMap, pageSize: bigint): bigint {
  return swMsiStart + BigInt(pgoff) * pageSize;
}
