import { decode } from '../../../spec/bits.ts';
import { ContextTt, legacyContext, Pgtt, pasidEntry, scalableContext } from '../../../spec/vtd/entries.ts';
import type { IommuHardware } from '../../platform/platform.ts';
import { vtdFeaturesOf } from '../../platform/vtd-features.ts';
import type { Words } from '../../world/command.ts';
import { remember } from '../../world/memo.ts';
import { unitFor } from './legality.ts';

/** What an entry makes of requests. */
export type Translation =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'passThrough' }
  /** The host's own first stage. */
  | { readonly kind: 'first'; readonly domainId: number; readonly table: bigint }
  /** `tracks`: hardware writes dirty flags into the second-stage table. */
  | {
      readonly kind: 'second';
      readonly domainId: number;
      readonly table: bigint;
      readonly tracks: boolean;
    }
  /** `guest` is the page of the guest's table, a guest-physical one. */
  | {
      readonly kind: 'nested';
      readonly domainId: number;
      readonly table: bigint;
      readonly guest: number;
      readonly tracks: boolean;
    };

/** What a context entry that is present says of a device. */
export type ContextView =
  | {
      readonly kind: 'scalable';
      readonly directory: bigint;
      readonly ats: boolean;
      readonly pasids: boolean;
      /** Serves requests without a PASID: 0 unless the unit has RID_PASID (ECAP_REG.RPS). */
      readonly ridPasid: number;
      readonly mostPasids: number;
    }
  | { readonly kind: 'legacy'; readonly translation: Translation; readonly ats: boolean };

const DIRECTORY_BITS = 7;
const PASIDS_PER_TABLE = 64;

const translations = new Map<string, Translation>();

/** Decodes a PASID table entry that is present, each different one once. */
export function translationOf(words: Words): Translation {
  const key = words.join();
  return translations.get(key) ?? remember(translations, key, decodeEntry(words));
}

function decodeEntry(words: Words): Translation {
  const { PGTT, DID: domainId, SSPTPTR, FSPTPTR, SSADE } = decode(pasidEntry, words);
  const tracks = SSADE === 1;
  switch (PGTT) {
    case Pgtt.First:
      return { kind: 'first', domainId, table: FSPTPTR };
    case Pgtt.Second:
      return { kind: 'second', domainId, table: SSPTPTR, tracks };
    case Pgtt.Nested:
      return { kind: 'nested', domainId, table: SSPTPTR, guest: Number(FSPTPTR >> 12n), tracks };
    case Pgtt.PassThrough:
      return { kind: 'passThrough' };
    default:
      return { kind: 'invalid' };
  }
}

export function isPresent([first = 0n]: Words): boolean {
  return (first & 1n) === 1n;
}

/** Reads a context entry that is present in the mode that its unit is in. */
export function contextOf(hardware: IommuHardware, words: Words): ContextView {
  if (vtdFeaturesOf(hardware).scalable) {
    const { PASIDDIRPTR, DTE, PASIDE, RID_PASID, PDTS } = decode(scalableContext, words);
    return {
      kind: 'scalable',
      directory: PASIDDIRPTR,
      ats: DTE === 1,
      pasids: PASIDE === 1,
      ridPasid: unitFor(hardware).ridPasid ? RID_PASID : 0,
      mostPasids: 2 ** (PDTS + DIRECTORY_BITS) * PASIDS_PER_TABLE,
    };
  }
  const { TT, SSPTPTR, DID } = decode(legacyContext, words);
  const translation: Translation =
    TT === ContextTt.PassThrough
      ? { kind: 'passThrough' }
      : { kind: 'second', domainId: DID, table: SSPTPTR, tracks: false };
  return { kind: 'legacy', translation, ats: TT === ContextTt.WithDeviceTlb };
}
