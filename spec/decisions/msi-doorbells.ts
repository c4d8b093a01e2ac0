import type { DecisionRecord, DecisionSource } from './record.ts';

const SEED = '004_dab1b720de67ebea';

const murphy: DecisionSource = { seed: SEED, author: 'Robin Murphy', date: '2024-08-09' };
const murphyBefore: DecisionSource = { ...murphy, date: '2024-08-08' };
const tian: DecisionSource = { seed: SEED, author: 'Kevin Tian', date: '2024-08-09' };
const tianBefore: DecisionSource = { ...tian, date: '2024-08-06' };
const chen: DecisionSource = { seed: SEED, author: 'Nicolin Chen', date: '2024-08-08' };
const chenAnswer: DecisionSource = { ...chen, date: 'in answer to 2024-08-09' };
const later: DecisionSource = { seed: SEED, author: 'what the thread and its series came to', date: 'later' };

/** D-54 to D-70: who maps the doorbell of a nested device's MSIs, at which address, and who keeps track of it. */
export const MSI_DOORBELLS: readonly DecisionRecord[] = [
  {
    id: 'D-54',
    question: 'Must iommu-dma find the stage-2 domain inside a nested domain to map MSI doorbells?',
    alternatives: [
      'yes, for host-managed MSIs with an identity mapping at stage 1',
      'no: somebody else maps them',
    ],
    source: murphyBefore,
    properties: ['msi-reaches-own-doorbell', 'msi-keeps-working'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi'],
    built: "Not in iommu-dma: iommufd_sw_msi() maps into the paging HWPT under the group's current one.",
  },
  {
    id: 'D-55',
    question: 'Nesting is only in iommufd, so why is host-managed MSI the legacy way?',
    alternatives: ['proper nesting should not need it at all', 'it is how nesting works'],
    source: tianBefore,
    properties: ['doorbell-is-asked-for', 'intx-by-msi-is-delivered'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi'],
    built: 'Host-managed MSIs, in the window.',
  },
  {
    id: 'D-56',
    question:
      'Should the VMM map the physical doorbell at whatever IPA it wants, and the guest at whatever address?',
    alternatives: ['yes, without the kernel fiddling with it', 'no: the kernel chooses'],
    source: murphyBefore,
    properties: ['doorbell-is-asked-for', 'any-memory-layout'],
    designs: ['msi=ioas-map-msi', 'msi=rmr-window'],
    built: 'Not in Linux 7.2.',
  },
  {
    id: 'D-57',
    question: "Is it safe that a guest's own address goes into the message?",
    alternatives: [
      'yes, since the host still writes the data',
      'it worked by luck: both had chosen the same addresses',
    ],
    source: chen,
    properties: ['msi-reaches-own-doorbell', 'msi-reaches-nothing-else', 'unmapped-doorbell-faults-to-guest'],
    designs: ['msi=forwarded-giova', 'msi=ioas-map-msi', 'msi=rmr-window'],
    built: "The host's address in the window goes into the message.",
  },
  {
    id: 'D-58',
    question: "How does the guest's address come to the kernel?",
    alternatives: [
      'forwarded with VFIO_IRQ_SET',
      "read back from the device, where the guest's write went through",
    ],
    source: chen,
    properties: ['enabling-is-never-refused', 'intx-by-msi-is-delivered'],
    designs: ['msi=forwarded-giova', 'msi=rmr-window'],
    built: 'Not at all. A series proposed VFIO_IRQ_SET_ACTION_PREPARE.',
  },
  {
    id: 'D-59',
    question: 'Who associates the guest-physical address of the doorbell with the physical one?',
    alternatives: ['a middle man like msi_cookie in the kernel', 'a mapping that user space owns'],
    source: chen,
    properties: ['doorbell-is-asked-for', 'what-is-reserved-is-used', 'no-doorbell-outlives-its-user'],
    designs: ['msi=forwarded-giova', 'msi=cookie-user', 'msi=ioas-map-msi'],
    built: "The kernel's list of doorbells for each context.",
  },
  {
    id: 'D-60',
    question: 'Would a cookie that takes a guest-physical address from HWPT_ALLOC do?',
    alternatives: ['yes: IOMMU_DMA_MSI_COOKIE_USER', 'no: the point is to get away from cookies'],
    source: tian,
    properties: ['small-vits-loses-nothing', 'what-is-reserved-is-used', 'any-memory-layout'],
    designs: ['msi=cookie-user', 'msi=rmr-window'],
    built: 'No.',
  },
  {
    id: 'D-61',
    question: 'What if the virtual ITS has one page while the physical one has several?',
    alternatives: ['the VMM must provide a window that fits', 'it must not matter'],
    source: chen,
    properties: ['small-vits-loses-nothing'],
    designs: ['msi=cookie-user', 'msi=ioas-map-msi', 'msi=rmr-window'],
    built: "It does not matter: each doorbell has a page of the kernel's window.",
  },
  {
    id: 'D-62',
    question: 'Who can adapt the size of the window to the hardware?',
    alternatives: ['the kernel, which can see the irqchip', 'the VMM'],
    source: chen,
    properties: ['what-is-reserved-is-used', 'small-vits-loses-nothing', 'any-memory-layout'],
    designs: ['msi=rmr-window', 'msi=cookie-user'],
    built:
      'The kernel: 1 MiB at 0x8000000, which QEMU repeats as an RMR node. Linux 7.2 does not enforce its end.',
  },
  {
    id: 'D-63',
    question: 'Why is there a window that user space did not ask for?',
    alternatives: [
      'VFIO allows several doorbells in a domain, and INTx emulated by MSI, where there may be no virtual ITS',
      'there need not be',
    ],
    source: murphy,
    properties: ['intx-by-msi-is-delivered', 'second-its-works-or-eexist', 'one-page-per-doorbell'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi', 'msi=single-doorbell'],
    built: 'iommufd keeps both: a list of doorbells by window and physical address.',
  },
  {
    id: 'D-64',
    question: 'Should SMMU drivers go on publishing a reserved region that looks like the one of x86?',
    alternatives: ['it is technical debt', 'it saves user space a change'],
    source: murphy,
    properties: ['any-memory-layout', 'no-ram-behind-doorbell', 'what-is-reserved-is-used'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi'],
    built: 'They do (IOMMU_RESV_SW_MSI).',
  },
  {
    id: 'D-65',
    question: 'Should user space say where the doorbell goes, and the kernel find it by the device?',
    alternatives: ['IOAS_MAP_MSI(device, IOVA)', 'a window for the ITS of a KVM device'],
    source: murphy,
    properties: ['doorbell-is-asked-for', 'second-its-works-or-eexist', 'small-vits-loses-nothing'],
    designs: ['msi=ioas-map-msi', 'msi=rmr-window'],
    built: 'Neither.',
  },
  {
    id: 'D-66',
    question: 'What becomes of two devices with different physical ITSes behind one virtual one?',
    alternatives: [
      'EEXIST, and user space resolves it',
      'the IOAS is split into two HWPTs',
      'one doorbell to a domain',
    ],
    source: murphy,
    properties: [
      'second-its-works-or-eexist',
      'memory-has-one-stage-2',
      'enabling-is-never-refused',
      'untranslated-msi-can-be-nested',
    ],
    designs: ['msi=ioas-map-msi', 'msi=split-hwpt', 'msi=single-doorbell', 'msi=rmr-window'],
    built: 'Both work: each doorbell has its own page.',
  },
  {
    id: 'D-67',
    question: 'Could user space mmap the ITS and call a literal IOAS_MAP?',
    alternatives: ['yes, cheekily', 'no: a process must not write to a doorbell'],
    source: murphy,
    properties: ['only-devices-write-doorbells', 'doorbell-is-asked-for'],
    designs: ['msi=its-mmap', 'msi=ioas-map-msi'],
    built: 'No; IOAS_MAP pins memory, and device memory comes as a dma-buf only.',
  },
  {
    id: 'D-68',
    question: 'Should the MSI region go on being shown in sysfs?',
    alternatives: ['yes: reserved regions are per device, which fits', 'no'],
    source: chenAnswer,
    properties: ['what-is-reserved-is-used', 'no-ram-behind-doorbell'],
    designs: ['msi=rmr-window', 'msi=cookie-user'],
    built: 'It is shown; the start of the window is kept for each IOMMU group.',
  },
  {
    id: 'D-69',
    question: "Can the host's interrupt controller driver use the address that the guest wrote?",
    alternatives: ["captured where the guest's write traps", 'its own'],
    source: later,
    properties: ['msi-reaches-own-doorbell', 'no-host-address-in-message'],
    designs: ['msi=forwarded-giova', 'msi=rmr-window'],
    built: 'Open; Linux 7.2 uses its own.',
  },
  {
    id: 'D-70',
    question: 'Should VMM and kernel agree on where the window is?',
    alternatives: ['IOMMU_OPTION_SW_MSI_START and _SIZE', 'it is fixed'],
    source: later,
    properties: ['any-memory-layout', 'no-ram-behind-doorbell'],
    designs: ['msi=rmr-window', 'msi=cookie-user'],
    built: 'It is fixed in Linux 7.2; the options were proposed.',
  },
];
