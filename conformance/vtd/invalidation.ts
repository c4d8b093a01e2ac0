import { decode } from '../../spec/bits.ts';
import {
  ContextGranularity,
  decodeDescriptor,
  IotlbGranularity,
  isFunctionOf,
  PasidCacheGranularity,
  PasidIotlbGranularity,
} from '../../spec/vtd/descriptor.ts';
import { contextCommand, ecap, invalidateAddress, iotlbCommand } from '../../spec/vtd/registers.ts';

/** Something that a cache may hold. */
export type Covered =
  /** `domainId`: none in scalable mode. */
  | { readonly cache: 'context'; readonly sourceId: number; readonly domainId: number | null }
  | { readonly cache: 'pasid'; readonly domainId: number; readonly pasid: number }
  | {
      readonly cache: 'iotlb';
      readonly domainId: number;
      readonly pasid: number;
      /** A first stage took part. */
      readonly firstStage: boolean;
      /** A page of it, and log2 of its bytes. */
      readonly page: bigint;
      readonly shift: number;
    };

/** Whether an invalidation takes something away (VT-d 6.5). */
export type Invalidation = (covered: Covered) => boolean;

/** What a descriptor covers; null: an error. */
export function invalidationOf(words: readonly bigint[]): Invalidation | null {
  const descriptor = decodeDescriptor(words);
  switch (descriptor?.name) {
    case 'CONTEXT_CACHE': {
      const { G, DID, SID, FM } = descriptor.fields;
      return contexts(G, DID, SID, FM);
    }
    case 'IOTLB': {
      const { G, DID, ADDR, AM } = descriptor.fields;
      return iotlb(G, DID, ADDR, AM);
    }
    case 'PASID_CACHE': {
      const { G, DID, PASID } = descriptor.fields;
      return (covered) =>
        covered.cache === 'pasid' &&
        (G === PasidCacheGranularity.Global ||
          (covered.domainId === DID && (G === PasidCacheGranularity.Domain || covered.pasid === PASID)));
    }
    case 'PASID_IOTLB': {
      const { G, DID, PASID, ADDR, AM } = descriptor.fields;
      return (covered) =>
        covered.cache === 'iotlb' &&
        covered.firstStage &&
        covered.domainId === DID &&
        covered.pasid === PASID &&
        (G === PasidIotlbGranularity.All || touches(covered, ADDR, AM));
    }
    default:
      return null;
  }
}

function contexts(
  granularity: number,
  domainId: number,
  sourceId: number,
  functionMask: number,
): Invalidation {
  return (covered) => {
    if (covered.cache !== 'context') return false;
    switch (granularity) {
      case ContextGranularity.Global:
        return true;
      case ContextGranularity.Domain:
        return covered.domainId === domainId;
      default:
        return isFunctionOf(covered.sourceId, sourceId, functionMask);
    }
  };
}

/** By page it takes all that a first stage gave under the domain id (VT-d 6.5.2.4). */
function iotlb(granularity: number, domainId: number, address: bigint, mask: number): Invalidation {
  return (covered) => {
    if (covered.cache !== 'iotlb') return false;
    if (granularity === IotlbGranularity.Global) return true;
    if (covered.domainId !== domainId) return false;
    return granularity === IotlbGranularity.Domain || covered.firstStage || touches(covered, address, mask);
  };
}

/** Whether a cached page, of whatever size, touches a block of 2^mask pages. */
function touches(
  { page, shift }: { readonly page: bigint; readonly shift: number },
  address: bigint,
  mask: number,
): boolean {
  const bits = BigInt(Math.max(mask, shift - 12));
  return page >> bits === (address >> 12n) >> bits;
}

const CCMD = 0x28;

/** Writes to CCMD_REG and to the IOTLB registers, whose place ECAP_REG.IRO gives. */
export interface RegisterWrites {
  readonly context: bigint | null;
  readonly iotlb: bigint | null;
  readonly pages: bigint;
}

export function registerWrites(
  ecapWord: bigint,
  writes: readonly (readonly [number, bigint])[],
): RegisterWrites {
  const place = decode(ecap, [ecapWord]).IRO * 16;
  const last = (offset: number): bigint | null =>
    writes.findLast(([written]) => written === offset)?.[1] ?? null;
  return { context: last(CCMD), iotlb: last(place + 8), pages: last(place) ?? 0n };
}

/** What the writes cover, one after the other. */
export function invalidationsOf({ context, iotlb: command, pages }: RegisterWrites): readonly Invalidation[] {
  const found: Invalidation[] = [];
  if (context !== null) {
    const { ICC, CIRG, DID, SID, FM } = decode(contextCommand, [context]);
    if (ICC === 1 && CIRG !== 0) found.push(contexts(CIRG, DID, SID, FM));
  }
  if (command !== null) {
    const { IVT, IIRG, DID } = decode(iotlbCommand, [command]);
    const { ADDR, AM } = decode(invalidateAddress, [pages]);
    if (IVT === 1 && IIRG !== 0) found.push(iotlb(IIRG, DID, ADDR, AM));
  }
  return found;
}
