/** What an entry makes of a request: one stage, both, or none. */
export const ENTRY_FORMS = ['first', 'second', 'nested', 'pass-through'] as const;

export type EntryForm = (typeof ENTRY_FORMS)[number];

/** Where something is kept: one for each requester ID, or one in each entry of its PASID table. */
export const GRANULARITIES = ['none', 'stream', 'pasid'] as const;

export type Granularity = (typeof GRANULARITIES)[number];

/** How the PASID table is found while stage 1 is nested, and so who writes it: the guest, or the host. */
export const TABLE_POINTERS = ['guest-physical', 'host-physical'] as const;

/** How a guest comes by PASIDs of a space that it shares. `software`: nothing in the architecture says how. */
export const ALLOCATIONS = ['virtual-commands', 'software', 'none'] as const;

/**
 * What an IOMMU, and a device that is divided behind it, have in the way of PASIDs and stages. All that the model knows
 * of SMMUv3 or VT-d in this matter is said in such a description: another one is another column of the table.
 */
export interface IommuHardware {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly source: string;
  /** What an entry of the PASID table can be; empty where there is no such table. */
  readonly withPasid: readonly EntryForm[];
  /** What requests without PASID can go through, whether or not an entry of the PASID table says it. */
  readonly withoutPasid: readonly EntryForm[];
  /** Where the root of stage 2 is kept. */
  readonly stage2Root: Granularity;
  /** Where it is said that stage 1 is nested. `stream`: of all PASIDs at once. */
  readonly nestingAttribute: Granularity;
  readonly pasidTable: (typeof TABLE_POINTERS)[number];
  readonly allocation: (typeof ALLOCATIONS)[number];
  /** Whether the device tags the requests of a slice with the slice's PASID. */
  readonly slicesTagged: boolean;
  /** Whether the device is given the host's number where a guest names its own. */
  readonly translatesPasids: boolean;
}

/** Whether requests with PASID can be made anything of: whether there is a PASID table. */
export function hasPasidTable({ withPasid }: IommuHardware): boolean {
  return ENTRY_FORMS.some((form) => withPasid.includes(form));
}

/** How finely stage 2 can be chosen under a first stage, for requests with or without PASID. */
export function nestingGranularity(hardware: IommuHardware, requests: 'with' | 'without'): Granularity {
  const forms = requests === 'with' ? hardware.withPasid : hardware.withoutPasid;
  return forms.includes('nested') ? hardware.stage2Root : 'none';
}

/** What contradicts itself in a description; null where nothing does. */
export function contradictionIn(hardware: IommuHardware): string | null {
  const { withPasid, withoutPasid, stage2Root, nestingAttribute, pasidTable } = hardware;
  const forms = [...withPasid, ...withoutPasid];
  if (withoutPasid.length === 0) return 'withoutPasid is empty: requests without PASID go nowhere';
  if (stage2Root === 'none' && forms.some((form) => form === 'second' || form === 'nested'))
    return 'stage2Root is none, yet an entry can have a second stage';
  if (stage2Root === 'pasid' && withPasid.length === 0)
    return 'stage2Root is pasid, yet there is no PASID table';
  if ((nestingAttribute === 'none') === forms.includes('nested'))
    return 'nestingAttribute and the form nested contradict each other';
  if (nestingAttribute === 'pasid' && withPasid.length === 0)
    return 'nestingAttribute is pasid, yet there is no PASID table';
  if (stage2Root === 'pasid' && pasidTable === 'guest-physical')
    return 'a PASID table with roots of stage 2 cannot be found in guest memory';
  if (nestingAttribute === 'pasid' && pasidTable === 'guest-physical')
    return 'a PASID table that says itself what is nested cannot be found in guest memory';
  return null;
}
