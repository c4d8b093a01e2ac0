import type { MsiMap } from '../context.ts';
import { placeFrom } from './pages.ts';

/** The input address at which a domain has a doorbell's page. */
export function placeOfMap(map: MsiMap, pageSize: bigint): bigint {
  return placeFrom(map.swMsiStart, map, pageSize);
}
