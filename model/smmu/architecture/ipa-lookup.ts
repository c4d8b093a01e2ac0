import { lowMask } from '../../../spec/smmuv3/address.ts';
import type { ReadMemory64 } from './access.ts';
import type { Leaf } from './descriptor.ts';
import type { Fault } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';
import { type Stage2Request, walkStage2 } from './stage2.ts';
import type { Stage2Configuration } from './stage2-configuration.ts';

/** Takes the SMMU's own fetches, of CDs and of stage-1 tables, through stage 2. A cache may stand here. */
export interface IpaLookup {
  readonly translate: (stage2: Stage2Configuration, ipa: bigint, request: Stage2Request) => bigint | Fault;
  /** Whether an earlier fetch has already found the page or block of this IPA. */
  readonly knows: (stage2: Stage2Configuration, ipa: bigint) => boolean;
}

/** The lookup of one transaction on an SMMU without caches: it walks the tables each time. */
export function walkingIpas(read: ReadMemory64, rules: SmmuArchitectureRules): IpaLookup {
  const found: { readonly input: bigint; readonly shift: number }[] = [];
  return {
    translate: (stage2, ipa, request) => {
      const leaf = walkStage2(stage2, ipa, request, read, rules);
      if (leaf.kind === 'fault') return leaf;
      found.push({ input: ipa & ~lowMask(leaf.shift), shift: leaf.shift });
      return addressIn(leaf, ipa);
    },
    knows: (_stage2, ipa) => found.some(({ input, shift }) => (ipa & ~lowMask(shift)) === input),
  };
}

/** The address that a page or block gives for an input address. */
export function addressIn(leaf: Leaf, input: bigint): bigint {
  return leaf.output | (input & lowMask(leaf.shift));
}
