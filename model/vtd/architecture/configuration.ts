import { decode } from '../../../spec/bits.ts';
import { ContextTt, legacyContext, Pgtt, pasidEntry } from '../../../spec/vtd/entries.ts';

/** How a second stage translates. */
export interface SecondStage {
  readonly table: bigint;
  readonly levels: number;
  /** Bits of an input address. */
  readonly width: number;
  /** The tables belong to a root table in scalable mode. */
  readonly scalable: boolean;
  /** SSADE: accessed and dirty flags are written. */
  readonly flags: boolean;
}

/** How a first stage translates. */
export interface FirstStage {
  readonly table: bigint;
  readonly levels: number;
  /** AW of the PASID table entry in bits, which has no meaning here. */
  readonly addressWidth: number;
  /** SRE: requests of supervisor privilege are let through. */
  readonly supervisor: boolean;
  /** WPE: these respect read-only pages. */
  readonly writeProtect: boolean;
  /** EAFE: entries have an extended accessed flag. */
  readonly extendedAccessed: boolean;
}

/** What an entry makes of requests, once it is found to be present and legal. */
export type VtdConfiguration =
  | { readonly kind: 'passThrough'; readonly domainId: number }
  | { readonly kind: 'second'; readonly domainId: number; readonly second: SecondStage }
  | { readonly kind: 'first'; readonly domainId: number; readonly first: FirstStage }
  | {
      readonly kind: 'nested';
      readonly domainId: number;
      readonly first: FirstStage;
      readonly second: SecondStage;
    };

/** Input bits of second-stage tables whose levels AW counts: 30 and 9 for each. */
export function widthOf(addressWidth: number): number {
  return 30 + 9 * addressWidth;
}

export function legacyConfiguration(words: readonly bigint[]): VtdConfiguration {
  const { TT, SSPTPTR, AW, DID: domainId } = decode(legacyContext, words);
  if (TT === ContextTt.PassThrough) return { kind: 'passThrough', domainId };
  return { kind: 'second', domainId, second: secondStage(SSPTPTR, AW, false, false) };
}

/** By PGTT, which must be legal. */
export function scalableConfiguration(words: readonly bigint[]): VtdConfiguration {
  const { PGTT, DID: domainId } = decode(pasidEntry, words);
  switch (PGTT) {
    case Pgtt.First:
      return { kind: 'first', domainId, first: firstStageOf(words) };
    case Pgtt.Second:
      return { kind: 'second', domainId, second: secondStageOf(words) };
    case Pgtt.Nested:
      return { kind: 'nested', domainId, first: firstStageOf(words), second: secondStageOf(words) };
    default:
      return { kind: 'passThrough', domainId };
  }
}

export function firstStageOf(words: readonly bigint[]): FirstStage {
  const { FSPTPTR, FSPM, AW, SRE, WPE, EAFE } = decode(pasidEntry, words);
  return {
    table: FSPTPTR,
    levels: 4 + FSPM,
    addressWidth: widthOf(AW),
    supervisor: SRE === 1,
    writeProtect: WPE === 1,
    extendedAccessed: EAFE === 1,
  };
}

export function secondStageOf(words: readonly bigint[]): SecondStage {
  const { SSPTPTR, AW, SSADE } = decode(pasidEntry, words);
  return secondStage(SSPTPTR, AW, true, SSADE === 1);
}

function secondStage(table: bigint, addressWidth: number, scalable: boolean, flags: boolean): SecondStage {
  return { table, levels: 2 + addressWidth, width: widthOf(addressWidth), scalable, flags };
}
