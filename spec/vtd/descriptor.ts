import { type BitFields, decode, encode, type Layout, layout, maskOf, type RecordOf } from '../bits.ts';

/*
 * Descriptors of the invalidation queue (VT-d 6.5.2), 256 bits each. The type lies in bits 3:0.
 */

function descriptor<const Fields extends BitFields>(
  name: string,
  type: number,
  fields: Fields,
): { readonly type: number; readonly layout: Layout<Fields & typeof TYPE> } {
  return { type, layout: layout(name, 4, { ...TYPE, ...fields }) };
}

const TYPE = { Type: { word: 0, lsb: 0, width: 4 } } as const;

const DID = { word: 0, lsb: 16, width: 16 } as const;
const PASID = { word: 0, lsb: 32, width: 20 } as const;
const ADDR = { word: 1, lsb: 12, width: 52, address: true } as const;
const AM = { word: 1, lsb: 0, width: 6, doc: 'log2 of the pages; ADDR is aligned to them' } as const;
const IH = {
  word: 1,
  lsb: 6,
  width: 1,
  doc: 'only leaves changed: paging-structure caches may stay',
} as const;

/** Granularities, by descriptor. */
export const ContextGranularity = { Global: 1, Domain: 2, Device: 3 } as const;
export const IotlbGranularity = { Global: 1, Domain: 2, Page: 3 } as const;
export const PasidCacheGranularity = { Domain: 0, Pasid: 1, Global: 3 } as const;
export const PasidIotlbGranularity = { All: 2, Page: 3 } as const;

export const descriptors = {
  CONTEXT_CACHE: descriptor('context-cache invalidate', 1, {
    G: { word: 0, lsb: 4, width: 2, values: ContextGranularity },
    DID,
    SID: { word: 0, lsb: 32, width: 16 },
  }),
  IOTLB: descriptor('IOTLB invalidate', 2, {
    G: { word: 0, lsb: 4, width: 2, values: IotlbGranularity },
    DID,
    AM,
    IH,
    ADDR,
  }),
  DEVICE_TLB: descriptor('device-TLB invalidate', 3, {
    SID: { word: 0, lsb: 32, width: 16 },
    S: { word: 1, lsb: 0, width: 1, doc: 'more than one page: the lowest zero of ADDR says how many' },
    ADDR,
  }),
  PASID_IOTLB: descriptor('PASID-based IOTLB invalidate', 6, {
    G: { word: 0, lsb: 4, width: 2, values: PasidIotlbGranularity },
    DID,
    PASID,
    AM,
    IH,
    ADDR,
  }),
  PASID_CACHE: descriptor('PASID-cache invalidate', 7, {
    G: { word: 0, lsb: 4, width: 2, values: PasidCacheGranularity },
    DID,
    PASID,
  }),
  PASID_DEVICE_TLB: descriptor('PASID-based device-TLB invalidate', 8, {
    SID: { word: 0, lsb: 16, width: 16 },
    PASID,
    S: { word: 1, lsb: 11, width: 1 },
    ADDR,
  }),
} as const;

export type DescriptorName = keyof typeof descriptors;

export type DescriptorFields<N extends DescriptorName> = RecordOf<(typeof descriptors)[N]['layout']>;

/** A descriptor by its name, with its fields. */
export type Descriptor = {
  [N in DescriptorName]: { readonly name: N; readonly fields: DescriptorFields<N> };
}[DescriptorName];

/** Writes a descriptor; fields left out are zero. */
export function encodeDescriptor<N extends DescriptorName>(
  name: N,
  fields: Partial<DescriptorFields<N>>,
): readonly bigint[] {
  const { type, layout: of } = descriptors[name];
  return encode(of as Layout, { ...fields, Type: type } as never);
}

/** Reads a descriptor; null where its type is unknown or a reserved bit is set (an invalidation queue error). */
export function decodeDescriptor(words: readonly bigint[]): Descriptor | null {
  const type = Number((words[0] ?? 0n) & 0xfn);
  for (const name of Object.keys(descriptors) as DescriptorName[]) {
    const { type: own, layout: of } = descriptors[name];
    if (own !== type) continue;
    const mask = maskOf(of as Layout);
    if (words.some((word, index) => (word & ~(mask[index] ?? 0n)) !== 0n)) return null;
    return { name, fields: decode(of as Layout, words) } as unknown as Descriptor;
  }
  return null;
}
