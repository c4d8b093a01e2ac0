import type { Command } from './command.ts';
import { type Idr0, type Idr3, type Idr5, StallModel } from './id-registers.ts';
import type { CommandPair } from './illegal-command.ts';
import type { AddressFields } from './invalidation.ts';

const SYNC_RESERVED_CS = 3;

/** Bits that no Non-secure command may have in the place of SSec. */
const SSEC = 1n << 10n;

/** What commands are judged by. Without IDR3 and IDR5, ranges are not. */
export interface CommandFeatures {
  readonly idr0: Idr0;
  readonly idr3?: Idr3;
  readonly idr5?: Idr5;
}

/**
 * Whether an SMMU with these ID registers stops at a command of its Non-secure queue with CERROR_ILL (IHI0070 4.1.3): it has not
 * what the command is about, or SSec is set.
 */
export function isIllegalBy(command: Command, [first]: CommandPair, features: CommandFeatures): boolean {
  const { idr0 } = features;
  const { S1P, S2P, HYP, ATS, PRI, STALL_MODEL } = idr0;
  switch (command.name) {
    case 'PREFETCH_CONFIG':
    case 'PREFETCH_ADDR':
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
      return (first & SSEC) !== 0n;
    case 'CFGI_CD':
    case 'CFGI_CD_ALL':
      return (first & SSEC) !== 0n || S1P === 0;
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_ASID':
      return S1P === 0;
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
      return S1P === 0 || isRangeReserved(command.fields, features);
    case 'TLBI_NSNH_ALL':
      return false;
    case 'TLBI_S12_VMALL':
      return S2P === 0;
    case 'TLBI_S2_IPA':
      return S2P === 0 || isRangeReserved(command.fields, features);
    case 'TLBI_EL2_ALL':
    case 'TLBI_EL2_ASID':
    case 'TLBI_EL2_VA':
    case 'TLBI_EL2_VAA':
      return HYP === 0;
    case 'ATC_INV':
      return (first & SSEC) !== 0n || ATS === 0;
    case 'PRI_RESP':
      return (first & SSEC) !== 0n || PRI === 0;
    case 'RESUME':
    case 'STALL_TERM':
      return (first & SSEC) !== 0n || STALL_MODEL === StallModel.NoStall;
    case 'SYNC':
      return command.fields.CS === SYNC_RESERVED_CS;
    // EL3 has a queue of its own, and no vSMMU has MPAM with VMS.
    case 'TLBI_EL3_ALL':
    case 'TLBI_EL3_VA':
    case 'CFGI_VMS_PIDM':
      return true;
  }
}

/** A range of a granule that is not implemented, or with neither a level nor a length (IHI0070 4.4.1.1). */
function isRangeReserved(
  { TG, NUM, SCALE, TTL }: Omit<AddressFields, 'Address'>,
  { idr3, idr5 }: CommandFeatures,
): boolean {
  if (idr3 === undefined || idr5 === undefined || idr3.RIL === 0 || TG === 0) return false;
  const implemented = [idr5.GRAN4K, idr5.GRAN16K, idr5.GRAN64K][TG - 1] === 1;
  return !implemented || (NUM === 0 && SCALE === 0 && TTL === 0);
}
