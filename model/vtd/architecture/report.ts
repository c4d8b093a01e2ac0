import { encode } from '../../../spec/bits.ts';
import { faultRecord } from '../../../spec/vtd/fault.ts';
import { beyond } from './address.ts';
import type { VtdRequest } from './outcome.ts';

/** The two words of the fault recording register after a fault of a request (VT-d 11.4.14). */
export function recordOf(
  { sourceId, address, write, pasid }: VtdRequest,
  reason: number,
): readonly [bigint, bigint] {
  const [low = 0n, high = 0n] = encode(faultRecord, {
    FI: address & beyond(12),
    SID: sourceId,
    PP: pasid === undefined ? 0 : 1,
    PV: pasid ?? 0,
    FR: reason,
    T: write ? 0 : 1,
    F: 1,
  });
  return [low, high];
}
