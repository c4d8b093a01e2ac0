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
    FM: { word: 0, lsb: 48, width: 2, doc: 'low bits of the function number that are not compared' },
  }),
  IOTLB: descriptor('IOTLB invalidate', 2, {
    G: { word: 0, lsb: 4, width: 2, values: IotlbGranularity },
    DW: { word: 0, lsb: 6, width: 1, doc: 'writes under way are drained (CAP_REG.DWD)' },
    DR: { word: 0, lsb: 7, width: 1, doc: 'reads under way are drained (CAP_REG.DRD)' },
    DID,
    AM,
    IH,
    ADDR,
  }),
  DEVICE_TLB: descriptor('device-TLB invalidate', 3, {
    PFSID_LOW: { word: 0, lsb: 12, width: 4 },
    MIP: { word: 0, lsb: 16, width: 5, doc: 'invalidations that the device takes at a time' },
    PFSID_HIGH: { word: 0, lsb: 52, width: 12 },
    SID: { word: 0, lsb: 32, width: 16 },
    S: { word: 1, lsb: 0, width: 1, doc: 'more than one page: the lowest zero of ADDR says how many' },
    ADDR,
  }),
  INTERRUPT_ENTRY: descriptor('interrupt entry cache invalidate', 4, {
    G: { word: 0, lsb: 4, width: 1, doc: '0: all of them' },
    IM: { word: 0, lsb: 27, width: 5 },
    IIDX: { word: 0, lsb: 32, width: 16 },
  }),
  WAIT: descriptor('invalidation wait', 5, {
    IF: { word: 0, lsb: 4, width: 1, doc: 'an interrupt says that it is done' },
    SW: { word: 0, lsb: 5, width: 1, doc: 'a write says so' },
    FN: { word: 0, lsb: 6, width: 1 },
    PD: { word: 0, lsb: 7, width: 1 },
    STATUS_DATA: { word: 0, lsb: 32, width: 32 },
    STATUS_ADDRESS: { word: 1, lsb: 2, width: 62, address: true },
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
    MIP: { word: 0, lsb: 4, width: 5 },
    PFSID_LOW: { word: 0, lsb: 12, width: 4 },
    SID: { word: 0, lsb: 16, width: 16 },
    PASID,
    PFSID_HIGH: { word: 0, lsb: 52, width: 12 },
    GLOBAL: { word: 1, lsb: 0, width: 1, doc: 'whatever the PASID' },
    S: { word: 1, lsb: 11, width: 1 },
    ADDR,
  }),
  PAGE_GROUP_RESPONSE: descriptor('page group response', 9, {
    PP: { word: 0, lsb: 4, width: 1, doc: 'the requests had a PASID' },
    RC: { word: 0, lsb: 12, width: 4, doc: 'response code' },
    RID: { word: 0, lsb: 16, width: 16 },
    PASID,
    LPIG: { word: 1, lsb: 2, width: 1, doc: 'the last request of the group had private data' },
    PRGI: { word: 1, lsb: 3, width: 9, doc: 'index of the group' },
    PRIVATE_LOW: { word: 2, lsb: 0, width: 64 },
    PRIVATE_HIGH: { word: 3, lsb: 0, width: 64 },
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

/**
 * Reads a descriptor; null where its type is unknown, a reserved bit is set or its granularity is none (an invalidation
 * queue error).
 */
export function decodeDescriptor(words: readonly bigint[]): Descriptor | null {
  const type = Number((words[0] ?? 0n) & 0xfn);
  for (const name of Object.keys(descriptors) as DescriptorName[]) {
    const { type: own, layout: of } = descriptors[name];
    if (own !== type) continue;
    const mask = maskOf(of as Layout);
    if (words.some((word, index) => (word & ~(mask[index] ?? 0n)) !== 0n)) return null;
    const fields = decode(of as Layout, words) as Readonly<Record<string, number | bigint>>;
    const { G } = of.fields as BitFields;
    if (G?.values !== undefined && !Object.values(G.values).includes(Number(fields.G))) return null;
    return { name, fields } as unknown as Descriptor;
  }
  return null;
}

const FUNCTION_MASKS = [0, 4, 6, 7] as const;

/** Whether an invalidation of a source id's context entry is about another one too: FM says which bits of the function number are not compared. */
export function isFunctionOf(sourceId: number, named: number, functionMask: number): boolean {
  const ignored = FUNCTION_MASKS[functionMask & 3] ?? 0;
  return (sourceId & ~ignored) === (named & ~ignored);
}
