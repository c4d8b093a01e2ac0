import { type ContextEntry, MAX_PASID_BITS } from './machine.ts';

/** Requests without PASID, where requests are told apart by number. */
export const NO_PASID = 0;

/**
 * Where a context entry leads the requests with a PASID (or `NO_PASID`): to an entry of the PASID table, past stage 1, or
 * nowhere. A table of one entry is for requests without PASID, whatever else is said of them (IHI0070 5.2: S1CDMax, S1DSS).
 */
export function ledTo(
  { translates, unnumbered, pasidBits }: ContextEntry,
  pasid: number,
): 'entry' | 'bypass' | 'abort' {
  if (!translates) return pasid === NO_PASID ? 'bypass' : 'abort';
  if (pasidBits > MAX_PASID_BITS || pasid >= 2 ** pasidBits) return 'abort';
  return pasid === NO_PASID && pasidBits > 0 ? unnumbered : 'entry';
}
