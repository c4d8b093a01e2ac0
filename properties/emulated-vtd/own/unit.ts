import { bits } from '../../own/bits.ts';

/*
 * A remapping unit and what is asked of it, read anew from the registers (VT-d 11.4.2, 11.4.3): bits are taken from words here,
 * and nothing is shared with the model.
 */

export interface Capabilities {
  readonly cap: bigint;
  readonly ecap: bigint;
  /** Bits of a host-physical address. */
  readonly hostBits: number;
}

/** Which bit of ECAP_REG says that a unit can do something. */
export const CAN = {
  deviceTlb: 2,
  passThrough: 6,
  snoopControl: 7,
  nesting: 26,
  pageRequests: 29,
  execute: 30,
  supervisor: 31,
  extendedAccessed: 34,
  pasids: 40,
  secondFlags: 45,
  second: 46,
  first: 47,
  ridPasid: 49,
} as const;

export function can({ ecap }: Capabilities, what: keyof typeof CAN): boolean {
  return bits(ecap, CAN[what], 1) === 1;
}

/** Whether second-stage tables may have the levels that AW counts (CAP_REG.SAGAW). */
export function hasLevels({ cap }: Capabilities, addressWidth: number): boolean {
  return addressWidth < 5 && bits(cap, 8 + addressWidth, 1) === 1;
}

/** Bits of a domain id (CAP_REG.ND). */
export function domainIdBits({ cap }: Capabilities): number {
  return 4 + 2 * bits(cap, 0, 3);
}

/** The bits of an address that no host address has. */
export function tooFar({ hostBits }: Capabilities): bigint {
  return ((1n << 64n) - 1n) & ~((1n << BigInt(hostBits)) - 1n);
}

export interface Asked {
  readonly source: number;
  readonly address: bigint;
  readonly write: boolean;
  /** Absent: without a PASID. */
  readonly pasid?: number;
  /** With a PASID: supervisor privilege is asked for. */
  readonly privileged?: boolean;
  /** The device has translated the address itself. */
  readonly translated?: boolean;
}

export interface Root {
  readonly mode: 'legacy' | 'scalable' | 'abort' | 'invalid';
  readonly address: bigint;
}

/** A fault reason (VT-d 7.1.3), as [legacy mode, scalable mode]. */
export type Reason = readonly [legacy: number, scalable: number];

/** Why a request goes nowhere; `always`: FPD does not keep it from being recorded. */
export interface Fault {
  readonly reason: Reason;
  readonly always?: true;
  /** Whether an FPD bit on the way is set. */
  readonly fpd: boolean;
}

export function isFault(found: object): found is Fault {
  return 'reason' in found;
}

/** Messages to interrupt controllers (VT-d 3.14). */
export function isMessage(address: bigint): boolean {
  return address >> 20n === 0xfeen;
}
