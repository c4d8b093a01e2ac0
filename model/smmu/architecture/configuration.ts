import { fits } from '../../../spec/smmuv3/address.ts';
import type { ReadMemory64 } from './access.ts';
import { chooseContext, fetchCd } from './context.ts';
import type { Implementation } from './implementation.ts';
import type { IpaLookup } from './ipa-lookup.ts';
import { configurationFault, type Fault, type Refusal } from './outcome.ts';
import type { SmmuArchitectureRules, TranslateIpa } from './rules.ts';
import { decodeCd, type Stage1Configuration } from './stage1-configuration.ts';
import { contextFetch, tableFetch } from './stage2.ts';
import type { Stage2Configuration } from './stage2-configuration.ts';
import { type AttributeOverrides, decodeSte, type SteConfiguration } from './ste.ts';

/** What a stream, or one substream of it, is configured for: STE and CD, decoded. It is what a configuration cache holds. */
export type StreamConfiguration =
  | { readonly kind: 'abort' }
  | { readonly kind: 'bypass'; readonly overrides: AttributeOverrides }
  | Translating;

export interface Translating {
  readonly kind: 'translate';
  readonly stage1: Stage1Configuration | null;
  readonly stage2: Stage2Configuration | null;
  readonly vmid: number;
  readonly overrides: AttributeOverrides;
}

/**
 * Decodes the STE and, where stage 1 is enabled, finds, fetches and decodes the CD of the substream (IHI0070 3.3.2): the
 * configuration, or the event that ends the transaction.
 */
export function configure(
  steWords: readonly bigint[],
  substreamId: number | undefined,
  implementation: Implementation,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
  lookup: IpaLookup,
): StreamConfiguration | Fault | Refusal {
  const entry = decodeSte(steWords, implementation, rules);
  if (entry.kind !== 'translate') {
    return entry.kind === 'bypass' && substreamId !== undefined ? BAD_SUBSTREAMID : entry;
  }
  const { contexts, stage2, vmid, overrides } = entry;
  if (contexts === undefined) {
    return substreamId === undefined
      ? { kind: 'translate', stage1: null, stage2, vmid, overrides }
      : BAD_SUBSTREAMID;
  }
  const stage1 = contextOf(contexts, substreamId, stage2, implementation, read, rules, lookup);
  if (stage1 === 'bypass') {
    return stage2 === null
      ? { kind: 'bypass', overrides }
      : { kind: 'translate', stage1: null, stage2, vmid, overrides };
  }
  return stage1.kind === 'stage-1' ? { kind: 'translate', stage1, stage2, vmid, overrides } : stage1;
}

const BAD_SUBSTREAMID = configurationFault('C_BAD_SUBSTREAMID');

type Contexts = NonNullable<Extract<SteConfiguration, { kind: 'translate' }>['contexts']>;

function contextOf(
  contexts: Contexts,
  substreamId: number | undefined,
  stage2: Stage2Configuration | null,
  implementation: Implementation,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
  lookup: IpaLookup,
): Stage1Configuration | 'bypass' | Fault | Refusal {
  const index = chooseContext(contexts, substreamId);
  if (typeof index !== 'number') return index;
  const translate: TranslateIpa =
    stage2 === null
      ? (address) => address
      : (ipa) => {
          const address = lookup.translate(stage2, ipa, contextFetch);
          const silent = !fits(ipa, implementation.ias) && !rules.recordsInputBeyondIas;
          return typeof address === 'bigint' || !silent ? address : { ...address, recorded: false };
        };
  const words = fetchCd(contexts, index, translate, read);
  if ('kind' in words) return words;
  const translateTtb = (table: bigint): bigint | Fault | undefined =>
    stage2 === null || !rules.translatesTtbsWithCd ? undefined : lookup.translate(stage2, table, tableFetch);
  return decodeCd(words, contexts, implementation, translateTtb, rules);
}
