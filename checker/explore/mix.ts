/*
 * Two lanes of 32 bits, mixed independently: a fingerprint is both of them. The finalisers are full avalanches, so
 * that sums of mixed values (which do not care about order) still spread over all bits.
 */

/** One value of a pair of integers; lane 0. */
export function mix0(x: number, y: number): number {
  let h = Math.imul(x ^ 0x3c6e_f372, 0x85eb_ca6b) ^ Math.imul(y ^ (y >>> 16), 0xc2b2_ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a_2d39);
  return h ^ (h >>> 15);
}

/** One value of a pair of integers; lane 1. */
export function mix1(x: number, y: number): number {
  let h = Math.imul(x ^ 0x1b87_3593, 0xcc9e_2d51) ^ Math.imul(y ^ (y >>> 13), 0x9e37_79b1);
  h = Math.imul(h ^ (h >>> 16), 0x7feb_352d);
  h = Math.imul(h ^ (h >>> 15), 0x846c_a68b);
  return h ^ (h >>> 16);
}

/** A fingerprint of 64 bits. */
export interface Print {
  readonly lo: number;
  readonly hi: number;
}

/** What the chance of any two of so many distinct states sharing a fingerprint of 64 bits is at most. */
export function collisionBound(states: number): number {
  return (states * states) / 2 ** 65;
}
