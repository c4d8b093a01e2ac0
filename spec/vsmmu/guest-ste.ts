import { decode, encode } from '../bits.ts';
import { type IdRegisterValues, idr0, idr1, idr5, StallModel } from '../smmuv3/id-registers.ts';
import { S1Fmt, type Ste, SteConfig, Strw, ste } from '../smmuv3/ste.ts';

/*
 * A guest's stream table entry as its own SMMU has to read it: by the ID registers that the guest sees, with stage 1
 * only (IHI0070 5.2). Three lists of fields meet in it. The architecture says which are illegal, which are IGNORED and
 * which mean something; the kernel's interface takes some bits and refuses all others with EIO (iommufd.h: struct
 * iommu_hwpt_arm_smmuv3); and a VMM, which knows both, hands on what means something and nothing else.
 */

/** What an entry says of its stream; `words`: the bits that mean something, as the kernel's interface has them. */
export type SteMeaning =
  | { readonly kind: 'abort' }
  /** V=0: C_BAD_STE, no traffic, and an event for every transaction. */
  | { readonly kind: 'invalid' }
  /** The same, of an entry that is valid. */
  | { readonly kind: 'illegal' }
  | { readonly kind: 'bypass' }
  | { readonly kind: 'translate'; readonly words: readonly [bigint, bigint] };

const ABORT: SteMeaning = Object.freeze({ kind: 'abort' });
const INVALID: SteMeaning = Object.freeze({ kind: 'invalid' });
const ILLEGAL: SteMeaning = Object.freeze({ kind: 'illegal' });
const BYPASS: SteMeaning = Object.freeze({ kind: 'bypass' });

/** Bits of an address by IDR5.OAS. */
const OAS_BITS = [32, 36, 40, 42, 44, 48, 52, 56] as const;

/**
 * Every meaning that the architecture allows an implementation with these registers to give an entry: one, but for what
 * it leaves open or says in ways that can be read in two ways (STRW without EL2, S1STALLD where nothing can stall).
 */
export function meaningsOfSte(words: readonly bigint[], registers: IdRegisterValues): readonly SteMeaning[] {
  const entry = decode(ste, words);
  if (entry.V === 0) return [INVALID];
  if ((entry.Config & SteConfig.Bypass) === 0) return [ABORT];
  if (entry.Config === SteConfig.Bypass) return [BYPASS];
  if (entry.Config !== SteConfig.S1Trans || isIllegal(entry, registers)) return [ILLEGAL];
  const meant: SteMeaning = { kind: 'translate', words: meantBits(entry, registers) };
  const open = entry.STRW !== Strw.NsEl1 || (entry.S1STALLD === 1 && !choosesStall(registers));
  return open ? [meant, ILLEGAL] : [meant];
}

/** The one that a VMM chooses where it has a choice. */
export function meaningOfSte(words: readonly bigint[], registers: IdRegisterValues): SteMeaning {
  return meaningsOfSte(words, registers)[0] as SteMeaning;
}

function choosesStall({ IDR0 }: IdRegisterValues): boolean {
  return decode(idr0, [BigInt(IDR0)]).STALL_MODEL === StallModel.StallOrTerminate;
}

function isIllegal(entry: Ste, { IDR0, IDR1, IDR5 }: IdRegisterValues): boolean {
  const { S1P, CD2L, ATS } = decode(idr0, [BigInt(IDR0)]);
  const { SSIDSIZE } = decode(idr1, [BigInt(IDR1)]);
  const { OAS } = decode(idr5, [BigInt(IDR5)]);
  if (S1P === 0) return true;
  // Without substreams S1CDMax, and with it S1Fmt and S1DSS, are IGNORED.
  if (SSIDSIZE > 0 && entry.S1CDMax > 0) {
    if (entry.S1CDMax > SSIDSIZE || entry.S1DSS === 0b11 || entry.S1Fmt === 0b11) return true;
    if (entry.S1Fmt !== S1Fmt.Linear && CD2L === 0) return true;
  }
  // Split-stage ATS is for nested configurations; without ATS the field is IGNORED.
  if (ATS === 1 && entry.EATS === 0b10) return true;
  return entry.S1ContextPtr >> BigInt(OAS_BITS[OAS] ?? 52) !== 0n;
}

/** The fields that mean something by these registers, and no other bit. */
function meantBits(entry: Ste, registers: IdRegisterValues): readonly [bigint, bigint] {
  const { ATS } = decode(idr0, [BigInt(registers.IDR0)]);
  const { SSIDSIZE } = decode(idr1, [BigInt(registers.IDR1)]);
  const { S1ContextPtr, S1CIR, S1COR, S1CSH } = entry;
  const several = SSIDSIZE > 0 && entry.S1CDMax > 0;
  const [first = 0n, second = 0n] = encode(ste, {
    V: 1,
    Config: SteConfig.S1Trans,
    S1ContextPtr,
    S1CIR,
    S1COR,
    S1CSH,
    ...(several ? { S1CDMax: entry.S1CDMax, S1Fmt: entry.S1Fmt, S1DSS: entry.S1DSS } : {}),
    ...(ATS === 1 && entry.EATS === 0b01 ? { EATS: 0b01 } : {}),
    ...(choosesStall(registers) ? { S1STALLD: entry.S1STALLD } : {}),
  });
  return [first, second];
}
