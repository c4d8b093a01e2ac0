import type { DecisionRecord, DecisionSource } from './record.ts';

const SEED = '002_2722f0477c083981';

const brucker: DecisionSource = { seed: SEED, author: 'Jean-Philippe Brucker', date: '2018-09-14' };
/** As quoted in the message above. */
const raj: DecisionSource = { seed: SEED, author: 'Ashok Raj', date: '2018-09-13' };

const ISOLATED = 'pasid-reaches-own-vm-only';
const AS_ASKED = 'requests-go-where-guest-asked';
const MERGED = 'shadow-equals-merge';
const LEAVES_STAGE_1 = 'nesting-container-leaves-stage-1';
const ACTS_AS_V2 = 'nesting-container-acts-as-v2';

/** The table of the message, a row each; its columns are "no vIOMMU", "vIOMMU no PASID" and "vIOMMU with PASID". */
const ROWS = {
  vf: 'VF | ok | shadow or nest | nest',
  smmuv3: 'mdev, SMMUv3 | ok | shadow | shadow + PV (?)',
  vtd3: 'mdev, vt-d3 | ok | nest | nest + PV',
} as const;

/** The table's cells are questions of one form. */
function cell(
  id: string,
  row: keyof typeof ROWS,
  what: string,
  alternatives: readonly string[],
  finding: string,
  built: string,
  properties: readonly string[] = [ISOLATED, AS_ASKED],
): DecisionRecord {
  return {
    id,
    question: `How can ${what} be given to a guest?`,
    alternatives,
    source: { ...brucker, says: ROWS[row] },
    properties,
    designs: [],
    built,
    finding,
  };
}

const TABLE = '[the derived table](assignability.md)';

/** D-19 to D-46: PASIDs, mediated devices, and what can be given to a guest. */
export const PASIDS: readonly DecisionRecord[] = [
  {
    id: 'D-19',
    question: 'Do PASID-granular mediated devices need VT-d rev3 scalable mode?',
    alternatives: ['no: PASID-granular first-level translation is enough', 'yes'],
    source: {
      ...brucker,
      says: "It doesn't necessarily require vt-d rev3 scalable mode, the following example can be implemented with an SMMUv3, since it only needs PASID-granular first-level translation",
    },
    properties: [ISOLATED],
    designs: [],
    built: 'SMMUv3 has stage-1 domains for each substream.',
    finding:
      'The cell smmuv3/mdev/none works in every state. A second stage for each PASID is needed to nest, not to share.',
  },
  {
    id: 'D-20',
    question: 'Can the first level be the IOVA space of every PASID?',
    alternatives: ['yes', 'no'],
    source: { ...raj, says: 'You are right, you can simply use the first level as IOVA for every PASID.' },
    properties: [ISOLATED, AS_ASKED],
    designs: [],
    built: 'IOMMU_HWPT_ALLOC_PASID makes a stage-1 domain on SMMUv3.',
    finding:
      'On stage-1-only hardware, which has nothing else, slices without a vIOMMU and shadowed ones work.',
  },
  {
    id: 'D-21',
    question: "Must a guest's first level be shadowed when a PASID is assigned to it?",
    alternatives: ['yes, where stage 2 is shared', 'no, with a second level for each PASID'],
    source: {
      ...raj,
      says: "If you have a 2nd level per-pasid first level can be managed in guest and don't require to shadow them.",
    },
    replies: [
      { ...brucker, says: 'Right, for us assigning a PASID-granular mdev to a guest requires shadowing' },
    ],
    properties: [ISOLATED, MERGED],
    designs: [],
    built:
      'SMMUv3 has no PASID attach of nested HWPTs: they are made without IOMMU_HWPT_ALLOC_PASID, so that EINVAL comes before the EOPNOTSUPP of the driver. VT-d has it.',
    finding: 'Both hold: smmu-s2-per-pasid is smmuv3 with its roots of stage 2 moved, and its slices nest.',
  },
  {
    id: 'D-22',
    question: 'Which level should DMA_MAP of a legacy container populate?',
    alternatives: ['the second on VFIO_TYPE1_NESTING_IOMMU, the first on the others', 'always the second'],
    source: {
      ...brucker,
      says: 'So DMA_MAP ioctl on a NESTING container would populate second-level, and DMA_MAP on a normal container populates first-level.',
    },
    properties: [LEAVES_STAGE_1],
    designs: [],
    built: 'Removed from the kernel; IOMMU_HWPT_ALLOC_NEST_PARENT is in its place.',
    finding:
      'The containers run as the thread has it, on an SMMU with both stages. Where there is one stage alone, both types of container fill that.',
  },
  {
    id: 'D-23',
    question: 'Is the choice of a level needed if the second is always used?',
    alternatives: ['no', 'yes'],
    source: {
      ...brucker,
      says: "But if you're always going to use second-level by default, the distinction isn't necessary.",
    },
    properties: [ACTS_AS_V2, AS_ASKED],
    designs: [],
    built: 'Without flags Linux prefers stage 1; NEST_PARENT makes it stage 2.',
    finding:
      "Every run of a nesting container gives the answers that it gives with TYPE1v2, and reaches the same pages. The PASID machine prefers a second level of the unit's own and takes the first where there is none; requests go to the same pages either way.",
  },
  {
    id: 'D-24',
    question: 'Where is the nesting attribute, and what does it cover?',
    alternatives: [
      'in the context entry: all PASIDs are nested then (vt-d2)',
      'in the PASID entry: one by one (vt-d3)',
    ],
    source: {
      ...raj,
      says: "in vt-d2 it was part of context entry, so also meant all PASID's are nested now. In vt-d3 its part of PASID context.",
    },
    properties: [ISOLATED, AS_ASKED],
    designs: [],
    built: 'Linux nests by PASID on vt-d3 and never nested on vt-d2.',
    finding: 'Both are values of `nestingAttribute` in a description, and the columns differ accordingly.',
  },
  {
    id: 'D-25',
    question: 'What does the nesting attribute promise?',
    alternatives: ['only which stage the driver creates', 'that a guest can manage stage 1'],
    source: {
      ...brucker,
      says: 'The SMMU drivers use it to know if they should create first- or second-level mappings.',
    },
    properties: [LEAVES_STAGE_1],
    designs: [],
    built: 'Documented since: IOMMU_HWPT_ALLOC_NEST_PARENT in linux/iommufd.h.',
    finding:
      'Only the choice: behind an SMMU without stage 2 a nesting container is made all the same, and leaves a guest nothing. NEST_PARENT is refused there.',
  },
  {
    id: 'D-26',
    question: 'Which container does a VMM ask for?',
    alternatives: ['always TYPE1v2', 'NESTING, where it is to nest'],
    source: { ...brucker, says: 'At the moment QEMU always uses VFIO_TYPE1v2_IOMMU' },
    properties: [ACTS_AS_V2],
    designs: [],
    built: 'QEMU asks its vIOMMU whether it wants a nesting parent.',
    finding:
      'For what a VMM without nesting does, TYPE1v2 and NESTING cannot be told apart, but that drivers without the attribute refuse the second.',
  },
  {
    id: 'D-27',
    question:
      'Is it safe to share PASIDs of a device between machines when requests without PASID have one mapping?',
    alternatives: ['no', 'yes, if no slice sends requests without PASID'],
    source: {
      ...raj,
      says: "It seems unsafe to share PASID's with different VM's since any request W/O PASID has only one mapping.",
    },
    properties: ['requests-without-pasid-have-one-mapping', ISOLATED],
    designs: [],
    built: 'A group has one domain without PASID; attaches of PASIDs that do not fit it are EINVAL.',
    finding:
      'Safe while the device tags what slices send and the function is not given away as well. Behind vt-d3-untagged two slices are enough for one machine to reach the other.',
  },
  cell(
    'D-28',
    'vf',
    'a VF without a vIOMMU',
    ['as it is', 'not at all'],
    `One stage of the host's does it on all hardware of ${TABLE}.`,
    'Yes.',
  ),
  cell(
    'D-29',
    'vf',
    'a VF behind a vIOMMU without PASIDs',
    ['shadowed or nested', 'shadowed only'],
    'Both work on SMMUv3 and vt-d3. On vt-d2 it can only be shadowed.',
    'Both, in QEMU.',
    [AS_ASKED, MERGED],
  ),
  cell(
    'D-30',
    'vf',
    'a VF behind a vIOMMU with PASIDs',
    ['nested', 'each PASID shadowed'],
    "Both work on SMMUv3 and vt-d3; what shadowing writes grows with the guest's address spaces. On vt-d2 requests without PASID cannot be nested, so it can only be shadowed.",
    'Nested.',
    [AS_ASKED, MERGED],
  ),
  cell(
    'D-31',
    'smmuv3',
    'an mdev on SMMUv3 without a vIOMMU',
    ['as it is', 'not at all'],
    'A stage-1 table of the host for each substream does it.',
    'PASID attach.',
  ),
  cell(
    'D-32',
    'smmuv3',
    'an mdev on SMMUv3 behind a vIOMMU without PASIDs',
    ['shadowed', 'nested'],
    'Shadowed. Nested, two commands are enough for one machine to reach the other.',
    'Neither.',
    [ISOLATED, MERGED],
  ),
  cell(
    'D-33',
    'smmuv3',
    'an mdev on SMMUv3 behind a vIOMMU with PASIDs',
    ['shadowed, and it asks for PASIDs (?)', 'not at all'],
    'Shadowed, if the guest has some way to ask; the architecture has none, which is the question mark.',
    'Neither.',
    [ISOLATED, MERGED],
  ),
  cell(
    'D-34',
    'vtd3',
    'an mdev on vt-d3 without a vIOMMU',
    ['as it is', 'not at all'],
    "A second level in the PASID's entry does it.",
    'PASID attach.',
  ),
  cell(
    'D-35',
    'vtd3',
    'an mdev on vt-d3 behind a vIOMMU without PASIDs',
    ['nested', 'shadowed'],
    'Nested, as the thread says; shadowing works too.',
    'PASID attach of a nested HWPT.',
  ),
  cell(
    'D-36',
    'vtd3',
    'an mdev on vt-d3 behind a vIOMMU with PASIDs',
    ['nested, and it asks for PASIDs', 'nested, with PASIDs of its choice'],
    'It has to ask: with numbers of its choice two commands are enough for one machine to reach the other. On vt-d3-translated, where the device is given other numbers, it need not.',
    'Not built.',
    [ISOLATED, 'pasid-given-once'],
  ),
  {
    id: 'D-37',
    question: 'Is assigning a VF shadowed or nested?',
    alternatives: ['shadowed', 'nested'],
    source: {
      ...brucker,
      says: 'Currently in QEMU it works by shadowing first-level translation. We still have to upstream nested translation for that case.',
    },
    properties: [MERGED, 'invalidated-translation-is-gone'],
    designs: [],
    built: 'Both: nesting followed for VT-d and for SMMUv3.',
  },
  {
    id: 'D-38',
    question: 'Can requests without PASID be nested?',
    alternatives: ['not on vt-d2', 'on vt-d3, by RID_PASID'],
    source: {
      ...brucker,
      says: "Vt-d2 didn't support nested without PASID, vt-d3 offers RID_PASID for this.",
    },
    properties: [AS_ASKED, 'requests-without-pasid-have-one-mapping'],
    designs: [],
    built: 'VT-d programs the PASID table entry of IOMMU_NO_PASID.',
    finding:
      "vt-d2/vf/translation/nest breaks after three commands: a request without PASID passes by the guest's tables.",
  },
  {
    id: 'D-39',
    question: 'Who owns the PASID table?',
    alternatives: ['the guest (SMMUv3)', 'the host, and page tables are assigned one by one (vt-d3)'],
    source: {
      ...brucker,
      says: 'On SMMUv3 the PASID table is assigned to the guest, whereas on vt-d3 the host manages the PASID table and individual page tables are assigned to the guest.',
    },
    properties: ['pasid-table-written-by-owner', AS_ASKED],
    designs: [],
    built: 'The vSTE has S1ContextPtr; struct iommu_hwpt_vtd_s1 has the address of one table.',
    finding: "Either works for a whole function. A table that holds roots of stage 2 must be the host's.",
  },
  {
    id: 'D-40',
    question: 'What is an mdev here?',
    alternatives: ['a PASID-granular partition of a VF', 'a VF wrapped'],
    source: {
      ...brucker,
      says: 'the PASID-granular partition of a VF, not the whole RID-granular VF wrapped by an mdev',
    },
    properties: ['pasid-given-once', 'requests-without-pasid-have-one-mapping'],
    designs: [],
    built: 'Both exist; the model has slices, and functions as a whole.',
  },
  {
    id: 'D-41',
    question: 'Can slices behind an SMMUv3 be nested?',
    alternatives: ['no: the VF has a single set of second-level page tables', 'yes'],
    source: {
      ...brucker,
      says: 'It cannot do nested since the VF has a single set of second-level page tables, which cannot be used when mdevs are assigned to different VMs.',
    },
    properties: [ISOLATED],
    designs: [],
    built: 'Attaching stage 2 or a nested domain is EBUSY while substreams are in use.',
    finding: 'smmuv3/mdev/translation/nest breaks after two commands, the two assignments.',
  },
  {
    id: 'D-42',
    question: 'Can slices behind vt-d3 be nested?',
    alternatives: ['yes: one set of second-level page tables for each PASID', 'no'],
    source: {
      ...brucker,
      says: 'Vt-d3 has one set of second-level page tables per PASID, so it can do nested.',
    },
    properties: [ISOLATED, 'free-pasid-leaves-nothing'],
    designs: [],
    built: 'PGTT is nested in the PASID entry.',
  },
  {
    id: 'D-43',
    question: 'Does a guest with several PASIDs for one mdev have to ask for them?',
    alternatives: ['yes: the parent has one PASID space', 'no'],
    source: {
      ...brucker,
      says: 'Since the parent device has a single PASID space, allowing the guest to use multiple PASIDs for one mdev requires paravirtual allocation of PASIDs (last column).',
    },
    properties: ['pasid-given-once', ISOLATED],
    designs: [],
    built: 'iommufd has no such allocator.',
    finding:
      'Yes, where the device uses the numbers that the guest names; no, where it is given others in their place (vt-d3-translated).',
  },
  {
    id: 'D-44',
    question: 'How does a guest ask?',
    alternatives: ['by the Virtual Command registers of vt-d3', 'in some other way'],
    source: { ...brucker, says: 'Vt-d3 uses the Virtual Command Registers for that.' },
    properties: ['pasid-given-once'],
    designs: [],
    built: 'Not in Linux 7.2.',
  },
  {
    id: 'D-45',
    question: 'Can a guest use a PASID that was allocated to another mdev?',
    alternatives: ['no: the host programs PASIDs in the parent device', 'yes, if the guest programs them'],
    source: {
      ...brucker,
      says: "I assume that it is safe because the host is in charge of programming PASIDs in the parent device, so the guest couldn't use a PASID allocated to another mdev, but I don't know what the device's programming model would look like.",
    },
    properties: ['slice-uses-given-pasids-only', ISOLATED],
    designs: [],
    built: 'Open.',
    finding: 'It is safe exactly as far as that holds: `--defect slice-uses-any-pasid` takes it away.',
  },
  {
    id: 'D-46',
    question: 'Should stage 1 be shadowed for SVA in guests on SMMUv3?',
    alternatives: ['it seems a bad idea', 'it is what there is'],
    source: {
      ...brucker,
      says: "I don't intend to work on it for SMMUv3 (shadowing stage-1 for vSVA seems like a bad idea...)",
    },
    properties: [MERGED],
    designs: [],
    built: 'Never built.',
    finding:
      'It can be right. Each page that a process maps or unmaps is a trap and a descriptor for the host to write, for each address space.',
  },
];
