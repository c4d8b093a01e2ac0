import { decode } from '../../../spec/bits.ts';
import { fits } from '../../../spec/smmuv3/address.ts';
import { Eats, S1Dss, S1Fmt, type Ste, SteConfig, Strw, ste } from '../../../spec/smmuv3/ste.ts';
import { type Implementation, supportsStall } from './implementation.ts';
import { configurationFault, type Fault, type Refusal } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';
import { decodeStage2, type Stage2Configuration } from './stage2-configuration.ts';

/** What an STE says about stage 1: where its CDs are and how they are chosen. */
export interface ContextTable {
  readonly pointer: bigint;
  /** log2 of the number of CDs; 0: a single CD, no substreams. */
  readonly log2Size: number;
  readonly format: 'linear' | '4K-L2' | '64K-L2';
  /** Traffic without a SubstreamID, when there are several CDs (STE.S1DSS). */
  readonly withoutSubstream: 'terminate' | 'bypass' | 'substream-0';
  readonly stallDisabled: boolean;
  /** Stage 1 belongs to EL2, which has no TTB1 half and no unprivileged accesses. */
  readonly el2: boolean;
}

/** What STE.PRIVCFG and STE.INSTCFG put in the place of the transaction's own attributes. */
export interface AttributeOverrides {
  readonly privileged: boolean | null;
  readonly instruction: boolean | null;
}

/** A decoded STE. */
export type SteConfiguration =
  | { readonly kind: 'abort' }
  | { readonly kind: 'bypass'; readonly overrides: AttributeOverrides }
  | {
      readonly kind: 'translate';
      readonly contexts: ContextTable | undefined;
      readonly stage2: Stage2Configuration | null;
      /** STE.S2VMID tags stage-1 translations too, wherever stage 2 is implemented. */
      readonly vmid: number;
      readonly overrides: AttributeOverrides;
    };

const BAD_STE = configurationFault('C_BAD_STE');
const ABORT: SteConfiguration = { kind: 'abort' };
const NO_OVERRIDES: AttributeOverrides = { privileged: null, instruction: null };

/**
 * Decodes and validates the eight words of an STE (IHI0070 5.2): its configuration, C_BAD_STE for an illegal or invalid
 * entry, or the refusal of a configuration that is not modelled.
 */
export function decodeSte(
  words: readonly bigint[],
  implementation: Implementation,
  rules: SmmuArchitectureRules,
): SteConfiguration | Fault | Refusal {
  const read = rules.entryAsRead(decode(ste, words));
  if (read === undefined || read.V === 0) return BAD_STE;
  const entry = rules.countsS1CdMax(implementation.idr1.SSIDSIZE) ? read : withoutSubstreams(read);
  if ((entry.Config & 0b100) === 0) return ABORT;
  const overrides = overridesOf(entry, implementation);
  if (entry.Config === SteConfig.Bypass) return { kind: 'bypass', overrides };

  const stage1 = (entry.Config & 0b001) !== 0;
  const stage2 = (entry.Config & 0b010) !== 0;
  const { idr0 } = implementation;
  if ((stage1 && idr0.S1P === 0) || (stage2 && idr0.S2P === 0)) return BAD_STE;
  if (idr0.ATS === 1 && isEatsIllegal(entry, stage2, idr0.NS1ATS === 1)) return BAD_STE;
  const second = stage2 ? decodeStage2(entry, implementation, rules) : null;
  if (second?.kind === 'fault' || second?.kind === 'unmodelled') return second;
  if (rules.validatesStage1Fields(stage1) && isStage1Illegal(entry, implementation, stage2, rules))
    return BAD_STE;
  return {
    kind: 'translate',
    contexts: stage1 ? contextTableOf(entry, stage2, rules) : undefined,
    stage2: second,
    vmid: idr0.S2P === 1 ? entry.S2VMID : 0,
    overrides,
  };
}

function withoutSubstreams(entry: Ste): Ste {
  return entry.S1CDMax === 0 ? entry : { ...entry, S1CDMax: 0 };
}

function isStage1Illegal(
  entry: Ste,
  implementation: Implementation,
  stage2: boolean,
  rules: SmmuArchitectureRules,
): boolean {
  const { idr0, idr1, oas } = implementation;
  if (entry.S1CDMax > idr1.SSIDSIZE) return true;
  if (entry.S1CDMax > 0) {
    if (entry.S1DSS === 0b11 || entry.S1Fmt === 0b11) return true;
    if (entry.S1Fmt !== S1Fmt.Linear && idr0.CD2L === 0) return true;
  }
  // S1STALLD has a meaning only where stalling is a choice.
  if (entry.S1STALLD === 1 && (!supportsStall(implementation, true) || !supportsStall(implementation, false)))
    return true;
  if (!stage2 && rules.checksContextPointer && !fits(entry.S1ContextPtr, oas)) return true;
  return rules.checksStrw && isStrwIllegal(entry.STRW, stage2, idr0.HYP === 1);
}

/** Stage 2 exists only below NS-EL1; EL2 needs IDR0.HYP. */
function isStrwIllegal(strw: number, stage2: boolean, hyp: boolean): boolean {
  return strw !== Strw.NsEl1 && (strw !== Strw.El2 || stage2 || !hyp);
}

function isEatsIllegal(entry: Ste, stage2: boolean, ns1ats: boolean): boolean {
  if (entry.EATS === Eats.Translated) return stage2 && entry.S2S === 1;
  if (entry.EATS === Eats.SplitStage) return entry.Config !== SteConfig.Nested || entry.S2S === 1 || ns1ats;
  return false;
}

function contextTableOf(entry: Ste, stage2: boolean, rules: SmmuArchitectureRules): ContextTable {
  return {
    pointer: entry.S1ContextPtr,
    log2Size: entry.S1CDMax,
    format:
      entry.S1Fmt === S1Fmt.TwoLevel4K ? '4K-L2' : entry.S1Fmt === S1Fmt.TwoLevel64K ? '64K-L2' : 'linear',
    withoutSubstream:
      entry.S1DSS === S1Dss.Terminate ? 'terminate' : entry.S1DSS === S1Dss.Bypass ? 'bypass' : 'substream-0',
    stallDisabled: entry.S1STALLD === 1,
    el2: rules.followsStrw && !stage2 && entry.STRW === Strw.El2,
  };
}

function overridesOf(entry: Ste, { idr1 }: Implementation): AttributeOverrides {
  if (idr1.ATTR_PERMS_OVR === 0) return NO_OVERRIDES;
  return { privileged: overrideOf(entry.PRIVCFG), instruction: overrideOf(entry.INSTCFG) };
}

/** 0b0x uses the incoming attribute, 0b10 clears it, 0b11 sets it. */
function overrideOf(field: number): boolean | null {
  return (field & 0b10) === 0 ? null : field === 0b11;
}
