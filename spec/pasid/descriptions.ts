import type { IommuHardware } from './hardware.ts';

export const smmuv3: IommuHardware = {
  name: 'smmuv3',
  summary:
    'the STE has one S2TTB and says whether stage 1 is nested; the CD table is in guest memory then; CD 0 serves requests without PASID',
  source: 'IHI0070 5.2 (STE.Config, S2TTB, S1ContextPtr, S1DSS, S1CDMax), 5.4 (CD)',
  withPasid: ['first', 'nested'],
  withoutPasid: ['first', 'second', 'nested'],
  stage2Root: 'stream',
  nestingAttribute: 'stream',
  pasidTable: 'guest-physical',
  allocation: 'software',
  slicesTagged: true,
  translatesPasids: false,
};

export const vtd2: IommuHardware = {
  name: 'vt-d2',
  summary:
    'the extended context entry has one second-level pointer and one nesting attribute for all PASIDs; requests without PASID have no first level',
  source:
    'VT-d 2.x, extended-context-entry (SLPTPTR, NESTE, PASIDPTR); seed 002, Ashok Raj: "in vt-d2 it was part of context entry"',
  withPasid: ['first', 'nested'],
  withoutPasid: ['second', 'pass-through'],
  stage2Root: 'stream',
  nestingAttribute: 'stream',
  pasidTable: 'guest-physical',
  allocation: 'software',
  slicesTagged: true,
  translatesPasids: false,
};

export const vtd3: IommuHardware = {
  name: 'vt-d3',
  summary:
    'each entry of the PASID table has its own form and its own second-level pointer; the host owns the table; RID_PASID names the entry of requests without PASID',
  source:
    'VT-d 3.x, scalable-mode PASID table entry (PGTT, FLPTPTR, SLPTPTR), RID_PASID, virtual command registers',
  withPasid: ['first', 'second', 'nested', 'pass-through'],
  withoutPasid: ['first', 'second', 'nested', 'pass-through'],
  stage2Root: 'pasid',
  nestingAttribute: 'pasid',
  pasidTable: 'host-physical',
  allocation: 'virtual-commands',
  slicesTagged: true,
  translatesPasids: false,
};

/** What the thread talks of, in its order. */
export const THREAD_HARDWARE: readonly IommuHardware[] = [smmuv3, vtd2, vtd3];

/** Hardware that the thread did not have: each is one of those with a few words changed. */
export const OTHER_HARDWARE: readonly IommuHardware[] = [
  {
    ...smmuv3,
    name: 'smmu-s2-per-pasid',
    summary: 'an SMMUv3 whose CDs have a stage-2 root of their own, so that the host keeps the CD table',
    source: 'no such hardware: smmuv3 with stage2Root=pasid',
    withPasid: ['first', 'second', 'nested'],
    stage2Root: 'pasid',
    nestingAttribute: 'pasid',
    pasidTable: 'host-physical',
  },
  {
    ...vtd3,
    name: 'vt-d3-no-vcmd',
    summary: 'a vt-d3 on which guests cannot ask for PASIDs',
    source: 'VT-d 3.x without virtual command registers (ECAP_REG.VCS = 0)',
    allocation: 'none',
  },
  {
    ...vtd3,
    name: 'vt-d3-translated',
    summary: "a vt-d3 whose devices are given the host's PASID where a guest names its own",
    source: 'Intel Scalable I/O Virtualization: PASID translation of work submissions',
    allocation: 'none',
    translatesPasids: true,
  },
  {
    ...vtd3,
    name: 'vt-d3-untagged',
    summary: 'a vt-d3 before a device that sends the requests of all its slices without PASID',
    source: 'seed 002, Ashok Raj: "any request W/O PASID has only one mapping"',
    slicesTagged: false,
  },
  {
    ...smmuv3,
    name: 'stage-1-only',
    summary: 'an SMMUv3 without stage 2',
    source: 'IHI0070 6.3.1 (IDR0.S2P = 0)',
    withPasid: ['first'],
    withoutPasid: ['first'],
    stage2Root: 'none',
    nestingAttribute: 'none',
    pasidTable: 'host-physical',
  },
  {
    ...smmuv3,
    name: 'no-pasid',
    summary: 'an SMMUv3 without substreams',
    source: 'IHI0070 6.3.2 (IDR1.SSIDSIZE = 0)',
    withPasid: [],
    allocation: 'none',
  },
];

/** Every description that comes with the model. */
export const ALL_HARDWARE: readonly IommuHardware[] = [...THREAD_HARDWARE, ...OTHER_HARDWARE];
