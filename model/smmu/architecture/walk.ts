import { fits } from '../../../spec/smmuv3/address.ts';
import type { Access, ReadMemory64 } from './access.ts';
import type { Translating } from './configuration.ts';
import type { Leaf } from './descriptor.ts';
import type { Implementation } from './implementation.ts';
import { addressIn, type IpaLookup } from './ipa-lookup.ts';
import { type Fault, translationFault } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';
import { type TableLookup, walkStage1 } from './stage1.ts';
import { tableFetch, walkStage2 } from './stage2.ts';

/** A finished translation, with the leaf of each stage that took part: what a TLB may hold. */
export interface Translation {
  readonly kind: 'translation';
  readonly address: bigint;
  readonly stage1: Leaf | undefined;
  readonly stage2: Leaf | undefined;
}

/**
 * Translates an access whose stream is configured to translate (IHI0070 3.3.2), in the architecture's order: every stage-1
 * descriptor through stage 2, then the output of stage 1 through stage 2.
 * `lookup` translates the addresses of stage-1 tables; a cache may stand there.
 */
export function walk(
  configuration: Translating,
  access: Access,
  implementation: Implementation,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
  lookup: IpaLookup,
): Translation | Fault {
  const { stage1: context, stage2 } = configuration;
  let stage1: Leaf | undefined;
  let ipa = access.address;
  if (context === null) {
    if (!fits(ipa, implementation.ias)) return inputBeyondIas(rules);
  } else {
    const tables: TableLookup | undefined =
      stage2 === null
        ? undefined
        : {
            translate: (table) => lookup.translate(stage2, table, tableFetch),
            knows: (table) => lookup.knows(stage2, table),
          };
    const leaf = walkStage1(context, access, tables, read, rules);
    if (leaf.kind === 'fault') return leaf;
    stage1 = leaf;
    ipa = addressIn(leaf, ipa);
  }
  if (stage2 === null) return { kind: 'translation', address: ipa, stage1, stage2: undefined };
  const leaf = walkStage2(stage2, ipa, requestOf(access), read, rules);
  if (leaf.kind === 'fault') return leaf;
  return { kind: 'translation', address: addressIn(leaf, ipa), stage1, stage2: leaf };
}

function requestOf({ write, instruction, privileged }: Access) {
  return { class: 'IN', write, instruction, privileged } as const;
}

/** Input too large for stage 2 where stage 1 is bypassed is a stage-1 fault (IHI0070 3.4). */
function inputBeyondIas(rules: SmmuArchitectureRules): Fault {
  return translationFault('F_ADDR_SIZE', 1, 'IN', 0n, {
    recorded: rules.recordsInputBeyondIas,
    response: 'abort',
  });
}
