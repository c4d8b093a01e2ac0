import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';

/** A VMM's emulated SMMUv3 and the guest memory that it walks, on platforms that have one. */
export interface EmulatedHardware {
  readonly registers: IdRegisterValues;
  /** The guest's memory at boot; what is not named is zero. */
  readonly memory: GuestWords;
  /** Where the guest has memory; left out: everywhere. */
  readonly ram?: GuestRam;
}

/** Addresses from `first` up to, and without, `end`. */
export interface GuestRam {
  readonly first: bigint;
  readonly end: bigint;
  /** A part of it in which, until something is stored there, every aligned 32-bit word holds its own address. */
  readonly stamped?: { readonly first: bigint; readonly end: bigint };
}

/** 64-bit words by their address in lower-case hexadecimal, without 0x. */
export type GuestWords = Readonly<Record<string, bigint>>;
