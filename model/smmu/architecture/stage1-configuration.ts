import { decode } from '../../../spec/bits.ts';
import { fits, type GranuleShift, lowMask, strideOf } from '../../../spec/smmuv3/address.ts';
import { type Cd, cd, GranuleTtb1 } from '../../../spec/smmuv3/cd.ts';
import { AddressSize } from '../../../spec/smmuv3/ste.ts';
import {
  type Implementation,
  supportsEndianness,
  supportsGranule,
  supportsHardwareUpdates,
  supportsStall,
} from './implementation.ts';
import { configurationFault, type Fault, type FaultPolicy, type Refusal, unmodelled } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';
import { effectiveSize, granuleOf, largestTxsz } from './stage2-configuration.ts';
import type { ContextTable } from './ste.ts';

/** One half of the virtual address space: the tables of TTB0 or TTB1. */
export interface Region {
  readonly granule: GranuleShift;
  readonly inputBits: number;
  readonly startLevel: number;
  /** CD.TTB as it stands. */
  readonly table: bigint;
  /** The physical address of `table`, where it went through stage 2 with the CD. */
  readonly translatedTable: bigint | null;
  /** Bits of `table` below the alignment of the first-level table. */
  readonly alignment: bigint;
  /** APTable and its like are ignored (CD.HAD, where IDR3.HAD). */
  readonly hierarchyDisabled: boolean;
}

/** A decoded CD, as the walk needs it. */
export interface Stage1Configuration {
  readonly kind: 'stage-1';
  readonly asid: number;
  /** The regions of TTB0 and TTB1; null where walks are disabled (CD.EPD). */
  readonly lower: Region | null;
  readonly upper: Region | null;
  readonly tbi0: boolean;
  readonly tbi1: boolean;
  /** The effective IPS in bits. */
  readonly outputBits: number;
  readonly accessFlagFaults: boolean;
  readonly dirtyUpdates: boolean;
  readonly bigEndian: boolean;
  readonly el2: boolean;
  readonly wxn: boolean;
  readonly pan: boolean;
  readonly policy: FaultPolicy;
}

const BAD_CD = configurationFault('C_BAD_CD');
const DESCRIPTOR_BYTES_LOG2 = 3;
const SMALLEST_TXSZ = 16;
const SMALLEST_TXSZ_VAX = 12;

const upperGranules: Readonly<Record<number, GranuleShift>> = {
  [GranuleTtb1.Size4K]: 12,
  [GranuleTtb1.Size16K]: 14,
  [GranuleTtb1.Size64K]: 16,
};

/** Translates a TTB while the CD is decoded, or leaves it; a fault ends the decoding. */
export type TranslateTtb = (table: bigint) => bigint | Fault | undefined;

/**
 * Decodes and validates the eight words of a CD (IHI0070 5.4): its configuration, C_BAD_CD, the fault that `translateTtb`
 * gives, or the refusal of a configuration that is not modelled.
 */
export function decodeCd(
  words: readonly bigint[],
  contexts: ContextTable,
  implementation: Implementation,
  translateTtb: TranslateTtb,
  rules: SmmuArchitectureRules,
): Stage1Configuration | Fault | Refusal {
  const context = rules.contextAsRead(decode(cd, words));
  if (context === undefined || !rules.contextIsValid(words[0] ?? 0n)) return BAD_CD;
  if (context.AA64 === 0) {
    return (implementation.idr0.TTF & 0b01) === 1 ? unmodelled('AArch32 tables') : BAD_CD;
  }
  if (isFaultPolicyIllegal(context, contexts, implementation)) return BAD_CD;
  if (!supportsHardwareUpdates(implementation, context.HA, context.HD)) return BAD_CD;
  if (context.IPS >= AddressSize.Bits52 && rules.largestOutputSize === 'ends')
    return unmodelled('the end of the emulator');

  const lower = regionOf(context, 'lower', implementation, translateTtb, rules);
  if (lower?.kind === 'fault' || lower?.kind === 'unmodelled') return lower;
  const upper = contexts.el2 ? undefined : regionOf(context, 'upper', implementation, translateTtb, rules);
  if (upper?.kind === 'fault' || upper?.kind === 'unmodelled') return upper;
  return {
    kind: 'stage-1',
    asid: context.ASID,
    lower: lower?.region ?? null,
    upper: upper?.region ?? null,
    tbi0: context.TBI0 === 1,
    tbi1: context.TBI1 === 1,
    outputBits: effectiveSize(context.IPS, 12, implementation),
    accessFlagFaults: context.AFFD === 0 && context.HA === 0,
    // HD alone means nothing (IHI0070 5.4).
    dirtyUpdates: context.HD === 1 && context.HA === 1,
    bigEndian: context.ENDI === 1,
    el2: contexts.el2,
    wxn: context.WXN === 1,
    pan: context.PAN === 1,
    policy: {
      recorded: context.R === 1,
      response: context.S === 1 ? 'stall' : context.A === 1 ? 'abort' : 'raz-wi',
    },
  };
}

/** CD.{A,S} against IDR0.{TERM_MODEL,STALL_MODEL} and STE.S1STALLD (IHI0070 5.5). */
function isFaultPolicyIllegal(context: Cd, contexts: ContextTable, implementation: Implementation): boolean {
  if (context.A === 0 && implementation.idr0.TERM_MODEL === 1) return true;
  if (context.S === 1 && contexts.stallDisabled) return true;
  return !supportsStall(implementation, context.S === 1);
}

interface DecodedRegion {
  readonly kind: 'region';
  readonly region: Region;
}

function regionOf(
  context: Cd,
  half: 'lower' | 'upper',
  implementation: Implementation,
  translateTtb: TranslateTtb,
  rules: SmmuArchitectureRules,
): DecodedRegion | Fault | Refusal | undefined {
  const lower = half === 'lower';
  if ((lower ? context.EPD0 : context.EPD1) === 1) return undefined;
  const granule = lower ? granuleOf(context.TG0) : upperGranules[context.TG1];
  if (granule === undefined || !rules.takesGranule(supportsGranule(implementation, granule))) return BAD_CD;
  const txsz = lower ? context.T0SZ : context.T1SZ;
  const large = granule === 16 && implementation.idr5.VAX === 1;
  const smallest = large ? SMALLEST_TXSZ_VAX : SMALLEST_TXSZ;
  const size = rules.sizeMeans(txsz, smallest, largestTxsz(granule, implementation));
  if (size === 'C_BAD_CD') return BAD_CD;
  if (size === 'F_TRANSLATION') return undefined;
  if (!supportsEndianness(implementation, context.ENDI === 1)) return BAD_CD;
  const table = lower ? context.TTB0 : context.TTB1;
  const outputBits = effectiveSize(context.IPS, granule, implementation);
  if (!fits(table, outputBits)) return BAD_CD;
  if (txsz < SMALLEST_TXSZ || outputBits > 48) return unmodelled('52-bit addresses');
  const translatedTable = translateTtb(table);
  if (typeof translatedTable === 'object') return translatedTable;

  const inputBits = 64 - txsz;
  const stride = strideOf(granule);
  const levels = Math.ceil((inputBits - granule) / stride);
  const firstBits = inputBits - granule - stride * (levels - 1);
  return {
    kind: 'region',
    region: {
      granule,
      inputBits,
      startLevel: 4 - levels,
      table,
      translatedTable: translatedTable ?? null,
      alignment: lowMask(firstBits + DESCRIPTOR_BYTES_LOG2),
      hierarchyDisabled: implementation.idr3.HAD === 1 && (lower ? context.HAD0 : context.HAD1) === 1,
    },
  };
}
