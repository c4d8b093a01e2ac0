import type { DecisionRecord, DecisionSource } from './record.ts';

const SEED = '004_dab1b720de67ebea';

const murphy: DecisionSource = { seed: SEED, author: 'Robin Murphy', date: '2024-08-09' };
const murphyBefore: DecisionSource = { ...murphy, date: '2024-08-08' };
/** The patch's own words, as it was posted. */
const murphyPatch: DecisionSource = { ...murphy, date: '2024-08-03' };
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
    source: {
      ...murphyPatch,
      says: "Currently, iommu-dma is the only place outside of IOMMUFD and drivers which might need to be aware of the stage 2 domain encapsulated within a nested domain. This would be in the legacy-VFIO-style case where we're",
    },
    properties: ['msi-reaches-own-doorbell', 'msi-keeps-working'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi'],
    built: "Not in iommu-dma: iommufd_sw_msi() maps into the paging HWPT under the group's current one.",
  },
  {
    id: 'D-55',
    question: 'Nesting is only in iommufd, so why is host-managed MSI the legacy way?',
    alternatives: ['proper nesting should not need it at all', 'it is how nesting works'],
    source: { ...tianBefore, says: 'why is it a legacy-VFIO-style? We only support nested in IOMMUFD.' },
    replies: [
      {
        ...murphyBefore,
        says: "Because with proper nesting we ideally shouldn't need the host-managed MSI mess at all, which all stems from the old VFIO paradigm of completely abstracting interrupts from userspace.",
      },
    ],
    properties: ['doorbell-is-asked-for', 'intx-by-msi-is-delivered'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi'],
    built: 'Host-managed MSIs, in the window.',
  },
  {
    id: 'D-56',
    question:
      'Should the VMM map the physical doorbell at whatever IPA it wants, and the guest at whatever address?',
    alternatives: ['yes, without the kernel fiddling with it', 'no: the kernel chooses'],
    source: {
      ...murphyBefore,
      says: "I'm still hoping IOMMUFD can grow its own interface for efficient MSI passthrough, where the VMM can simply map the physical MSI doorbell into whatever IPA (GPA) it wants it to appear at in the S2 domain, then whatever the guest does with S1 it can program the MSI address into the endpoint accordingly without us having to fiddle with it.",
    },
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
    source: {
      ...chen,
      says: 'since the host configures the MSI, it can still set the correct data. What we only need is to change the MSI address from a RMRed IPA/gIOVA to a real gIOVA of the vITS page.',
    },
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
    source: {
      ...chen,
      says: "So, we need a way to forward the gIOVA to kernel and pack it into the msi_msg structure. I haven't read the VFIO PCI code thoroughly, yet wonder if we could just let the guest program the gIOVA to the PCI register and fall it through to the hardware, so host kernel handling that hypercall can just read it back from the register?",
    },
    properties: ['enabling-is-never-refused', 'intx-by-msi-is-delivered'],
    designs: ['msi=forwarded-giova', 'msi=rmr-window'],
    built: 'Not at all. A series proposed VFIO_IRQ_SET_ACTION_PREPARE.',
  },
  {
    id: 'D-59',
    question: 'Who associates the guest-physical address of the doorbell with the physical one?',
    alternatives: ['a middle man like msi_cookie in the kernel', 'a mapping that user space owns'],
    source: {
      ...chen,
      says: "IOMMUFD should provide VMM a way to tell the gPA (or directly + GITS_TRANSLATER?). Then kernel should do the stage-2 mapping. … But eventually, I think we still can't avoid a middle man like msi_cookie to associate the gPA in IOMMUFD to PA in irqchip?",
    },
    replies: [
      {
        ...murphy,
        says: 'No, the whole point is to get away from cookies and having to keep track of things in the kernel that can and should just be simple regular user-owned S2 mappings.',
      },
    ],
    properties: ['doorbell-is-asked-for', 'what-is-reserved-is-used', 'no-doorbell-outlives-its-user'],
    designs: ['msi=forwarded-giova', 'msi=cookie-user', 'msi=ioas-map-msi'],
    built: "The kernel's list of doorbells for each context.",
  },
  {
    id: 'D-60',
    question: 'Would a cookie that takes a guest-physical address from HWPT_ALLOC do?',
    alternatives: ['yes: IOMMU_DMA_MSI_COOKIE_USER', 'no: the point is to get away from cookies'],
    source: {
      ...tian,
      says: 'Probably a new IOMMU_DMA_MSI_COOKIE_USER type which uses GPA (passed in in ALLOC_HWPT for a nested_parent type) as IOVA in iommu_dma_get_msi_page()?',
    },
    replies: [
      {
        ...murphy,
        says: 'No, the whole point is to get away from cookies and having to keep track of things in the kernel that can and should just be simple regular user-owned S2 mappings.',
      },
      { ...chenAnswer, says: "I see. That'd be ideal." },
    ],
    properties: ['small-vits-loses-nothing', 'what-is-reserved-is-used', 'any-memory-layout'],
    designs: ['msi=cookie-user', 'msi=rmr-window'],
    built: 'No.',
  },
  {
    id: 'D-61',
    question: 'What if the virtual ITS has one page while the physical one has several?',
    alternatives: ['the VMM must provide a window that fits', 'it must not matter'],
    source: {
      ...chen,
      says: 'VMM sets up a MSI region that must fit the hardware window size. Most of ITS versions have only one page size but one of them can have multiple pages? What if vITS is one-page size while the underlying pITS has multiple?',
    },
    properties: ['small-vits-loses-nothing'],
    designs: ['msi=cookie-user', 'msi=ioas-map-msi', 'msi=rmr-window'],
    built: "It does not matter: each doorbell has a page of the kernel's window.",
  },
  {
    id: 'D-62',
    question: 'Who can adapt the size of the window to the hardware?',
    alternatives: ['the kernel, which can see the irqchip', 'the VMM'],
    source: {
      ...chen,
      says: "My understanding of the current kernel-defined 1MB size is also a hard-coding window to potential fit all cases, since IOMMU code in the code can just eyeball what's going on in the irqchip subsystem and adjust accordingly if someday it needs to. But VMM can't?",
    },
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
    source: {
      ...murphy,
      says: 'The existing design is based around the kernel potentially having to stuff multiple different mappings for different devices into the MSI hole in a single domain, since VFIO userspace is allowed to do wacky things like emulate INTx using an underlying physical MSI, so there may not be any actual vITS region in the VM IPA space at all.',
    },
    properties: ['intx-by-msi-is-delivered', 'second-its-works-or-eexist', 'one-page-per-doorbell'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi', 'msi=single-doorbell'],
    built: 'iommufd keeps both: a list of doorbells by window and physical address.',
  },
  {
    id: 'D-64',
    question: 'Should SMMU drivers go on publishing a reserved region that looks like the one of x86?',
    alternatives: ['it is technical debt', 'it saves user space a change'],
    source: {
      ...murphy,
      says: 'making things look superficially a bit more x86-like meant fewer changes to userspace, which I think by now we can consider a tasty slice of technical debt.',
    },
    replies: [
      {
        ...chenAnswer,
        says: "Just found that intel-iommu's MSI window has the same 1MB size. Everything makes sense now!",
      },
    ],
    properties: ['any-memory-layout', 'no-ram-behind-doorbell', 'what-is-reserved-is-used'],
    designs: ['msi=rmr-window', 'msi=ioas-map-msi'],
    built: 'They do (IOMMU_RESV_SW_MSI).',
  },
  {
    id: 'D-65',
    question: 'Should user space say where the doorbell goes, and the kernel find it by the device?',
    alternatives: ['IOAS_MAP_MSI(device, IOVA)', 'a window for the ITS of a KVM device'],
    source: {
      ...murphy,
      says: "Userspace has something like an IOAS_MAP_MSI(device, IOVA) to indicate where it's placing a vITS to which it wants that device's MSIs to be able to go, the kernel resolves the PA from the IRQ layer and maps it, job done.",
    },
    replies: [{ ...chenAnswer, says: 'Will try draft something.' }],
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
    source: {
      ...murphy,
      says: 'userspace wants to associate two devices with the same vITS when they have different physical ITSes, either we split the IOAS into two HWPTs to hold the different mappings, or we punt it back to userspace to resolve at the IOAS level.',
    },
    replies: [
      {
        ...chenAnswer,
        says: 'I see. That sounds like a good solution. EEXIST for the case, so VMM will need to allocate a different IOAS/HWPT for that device to attach.',
      },
    ],
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
    source: {
      ...murphy,
      says: 'Or I guess the really cheeky version is the IRQ layer exposes its own thing for userspace to mmap the ITS, then it can call a literal IOAS_MAP on that mapping... :D',
    },
    properties: ['only-devices-write-doorbells', 'doorbell-is-asked-for'],
    designs: ['msi=its-mmap', 'msi=ioas-map-msi'],
    built: 'No; IOAS_MAP pins memory, and device memory comes as a dma-buf only.',
  },
  {
    id: 'D-68',
    question: 'Should the MSI region go on being shown in sysfs?',
    alternatives: ['yes: reserved regions are per device, which fits', 'no'],
    source: {
      ...chenAnswer,
      says: 'I recall one benefit from the IOMMU_RESV_SW_MSI is to expose the MSI region via sysfs. Would it be safe to expose it in the same way? The reserved region itself is per-device, which feels quite a fit...',
    },
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
    designs: ['msi=rmr-window'],
    built: 'It is fixed in Linux 7.2; the options were proposed.',
  },
];
