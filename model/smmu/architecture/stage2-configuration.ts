import { addressBits, fits, type GranuleShift, levelShift, strideOf } from '../../../spec/smmuv3/address.ts';
import { Granule, type Ste } from '../../../spec/smmuv3/ste.ts';
import {
  type Implementation,
  supportsEndianness,
  supportsGranule,
  supportsHardwareUpdates,
  supportsStall,
} from './implementation.ts';
import { configurationFault, type Fault, type FaultPolicy, type Refusal, unmodelled } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';

/** The stage-2 half of an STE, as the walk needs it. */
export interface Stage2Configuration {
  readonly kind: 'stage-2';
  readonly vmid: number;
  readonly granule: GranuleShift;
  /** Size of the IPA space that the tables map, in bits. */
  readonly inputBits: number;
  readonly startLevel: number;
  /** S2TTB as it stands: the first of the concatenated tables of the start level. */
  readonly table: bigint;
  /** Bits of `table` below the alignment of these tables together. */
  readonly alignment: bigint;
  /** The effective S2PS in bits. */
  readonly outputBits: number;
  readonly accessFlagFaults: boolean;
  readonly dirtyUpdates: boolean;
  readonly bigEndian: boolean;
  readonly forcesWriteBack: boolean;
  readonly protectsTableWalk: boolean;
  /** Execution is controlled separately for privileged and unprivileged accesses (IDR3.XNX). */
  readonly xnx: boolean;
  readonly policy: FaultPolicy;
}

const BAD_STE = configurationFault('C_BAD_STE');
const CONCATENATION_BITS = 4;
const DESCRIPTOR_BYTES_LOG2 = 3;
const SMALLEST_TXSZ = 16;
/** Addresses beyond this exist only with 64 KiB granules and are not modelled. */
const LARGEST_ADDRESS = 48;

const granules: Readonly<Record<number, GranuleShift>> = {
  [Granule.Size4K]: 12,
  [Granule.Size16K]: 14,
  [Granule.Size64K]: 16,
};

/** The granule of an STE.S2TG or CD.TG0 field; undefined when reserved. */
export function granuleOf(field: number): GranuleShift | undefined {
  return granules[field];
}

/** Decodes the stage-2 fields of an STE whose Config enables stage 2 (IHI0070 5.2). */
export function decodeStage2(
  entry: Ste,
  implementation: Implementation,
  rules: SmmuArchitectureRules,
): Stage2Configuration | Fault | Refusal {
  if (entry.S2AA64 === 0) {
    if ((implementation.idr0.TTF & 0b01) === 1) return unmodelled('AArch32 tables');
    return rules.aarch32 === 'ends' ? unmodelled('the end of the emulator') : BAD_STE;
  }
  const granule = granuleOf(entry.S2TG);
  if (granule === undefined || !supportsGranule(implementation, granule)) return BAD_STE;
  const startLevel = startLevelOf(entry.S2SL0, granule, implementation);
  if (startLevel === undefined) return BAD_STE;

  const outputBits = effectiveSize(entry.S2PS, granule, implementation);
  if (!fits(entry.S2TTB, outputBits)) return BAD_STE;

  const largestInput = rules.largestStage2Input(implementation.ias, outputBits);
  const smallest = granule === 16 ? 64 - largestInput : Math.max(SMALLEST_TXSZ, 64 - largestInput);
  if (entry.S2T0SZ < smallest || entry.S2T0SZ > largestTxsz(granule, implementation)) return BAD_STE;
  const inputBits = 64 - entry.S2T0SZ;
  const firstBits = inputBits - levelShift(granule, startLevel);
  if (firstBits < rules.smallestStage2FirstBits) return BAD_STE;
  if (firstBits > strideOf(granule) + CONCATENATION_BITS) return BAD_STE;

  if (!supportsEndianness(implementation, entry.S2ENDI === 1)) return BAD_STE;
  if (!supportsStall(implementation, entry.S2S === 1)) return BAD_STE;
  if (rules.checksStage2HardwareUpdates && !supportsHardwareUpdates(implementation, entry.S2HA, entry.S2HD))
    return BAD_STE;
  if (outputBits > LARGEST_ADDRESS || inputBits > LARGEST_ADDRESS) return unmodelled('52-bit addresses');
  return {
    kind: 'stage-2',
    vmid: entry.S2VMID,
    granule,
    inputBits,
    startLevel,
    table: entry.S2TTB,
    alignment: rules.stage2Alignment(firstBits + DESCRIPTOR_BYTES_LOG2),
    outputBits,
    accessFlagFaults: entry.S2AFFD === 0 && !(entry.S2HA === 1 && implementation.idr0.HTTU >= 1),
    // S2HD alone means nothing (IHI0070 5.2).
    dirtyUpdates: entry.S2HD === 1 && entry.S2HA === 1 && implementation.idr0.HTTU >= 2,
    bigEndian: entry.S2ENDI === 1,
    forcesWriteBack: entry.S2FWB === 1 && implementation.idr3.FWB === 1,
    protectsTableWalk: entry.S2PTW === 1,
    xnx: implementation.idr3.XNX === 1,
    policy: { recorded: entry.S2R === 1, response: entry.S2S === 1 ? 'stall' : 'abort' },
  };
}

/** STE.S2PS or CD.IPS, capped to OAS and, unless the granule is 64 KiB, to 48 bits. */
export function effectiveSize(field: number, granule: GranuleShift, { oas }: Implementation): number {
  const size = Math.min(addressBits(field), oas);
  return granule === 16 ? size : Math.min(size, LARGEST_ADDRESS);
}

export function largestTxsz(granule: GranuleShift, { largestTxsz: largest }: Implementation): number {
  return granule === 16 ? Math.min(largest, 47) : largest;
}

/** The start level of S2SL0, or undefined for the encodings that are reserved for this granule and address size. */
function startLevelOf(sl0: number, granule: GranuleShift, { oas, idr3 }: Implementation): number | undefined {
  if (granule === 12) {
    if (sl0 === 3) return idr3.STT === 1 ? 3 : undefined;
    return sl0 === 2 && oas < 44 ? undefined : 2 - sl0;
  }
  if (sl0 === 3 || (sl0 === 2 && oas < (granule === 14 ? 42 : 44))) return undefined;
  return 3 - sl0;
}
