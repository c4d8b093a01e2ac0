import type { Command } from './command.ts';
import { type Idr0, StallModel } from './id-registers.ts';
import type { CommandPair } from './illegal-command.ts';

const SYNC_RESERVED_CS = 3;

/** Bits that no Non-secure command may have in the place of SSec. */
const SSEC = 1n << 10n;

/**
 * Whether an SMMU with these ID registers stops at a command of its Non-secure queue with CERROR_ILL (IHI0070 4.1.3): it has not
 * what the command is about, or SSec is set.
 */
export function isIllegalBy(
  command: Command,
  [first]: CommandPair,
  { idr0 }: { readonly idr0: Idr0 },
): boolean {
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
    case 'TLBI_NH_VA':
    case 'TLBI_NH_VAA':
      return S1P === 0;
    case 'TLBI_NSNH_ALL':
      return false;
    case 'TLBI_S12_VMALL':
    case 'TLBI_S2_IPA':
      return S2P === 0;
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
