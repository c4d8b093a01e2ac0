import type { DecisionRecord, DecisionSource } from './record.ts';

const INTENDED = 'vmm=intended';
const QEMU = 'vmm=qemu-11';
const OPENVMM = 'vmm=openvmm-2026-08';
const CLOUD_HYPERVISOR = 'vmm=cloud-hypervisor-2026-09';

/** What was read of them does not say in which of them a question was asked. */
const OPENVMM_THREADS: DecisionSource = {
  seed: 'OpenVMM pull requests 3458, 3661, 4104, 4275, 4344',
  author: 'OpenVMM developers',
  date: '2026-08',
};
const CLOUD_HYPERVISOR_THREADS: DecisionSource = {
  seed: 'cloud-hypervisor pull requests 7651, 8805',
  author: 'cloud-hypervisor developers',
  date: '2026-09',
};

const ALL = [INTENDED, QEMU, OPENVMM, CLOUD_HYPERVISOR] as const;

/*
 * D-71 to D-80: what three VMMs that built a vSMMU on iommufd decided differently. No VMM is right by being there first.
 */
export const VMMS_COMPARED: readonly DecisionRecord[] = [
  {
    id: 'D-71',
    question: 'What does CFGI_STE do about an STE that is illegal, or that the kernel refuses?',
    alternatives: [
      { answer: 'the command fails (CERROR_ILL), and the device keeps what it had', design: QEMU },
      { answer: 'the device aborts and the command succeeds, without an event', design: OPENVMM },
      { answer: 'the device aborts and the command fails', design: CLOUD_HYPERVISOR },
    ],
    source: OPENVMM_THREADS,
    properties: ['commands-stop-as-architected', 'device-sees-what-guest-asked'],
    designs: [...ALL],
    built: 'Each of the three has one of them. The first draft of OpenVMM had (a).',
    finding:
      'CFGI_STE never fails by what an entry holds, so (a) and (c) stop a queue that the guest has every reason to think is sound, and (a) leaves old tables in use. (b) costs the event that the architecture has for each transaction: no interface of the kernel lets a VMM get it.',
  },
  {
    id: 'D-73',
    question: 'When are a vSMMU’s output size and features fixed: by the operator, or by the first host?',
    alternatives: [
      { answer: 'by the operator; what is left to the host by the first cold-plugged device', design: QEMU },
      { answer: 'provisionally at boot, and pinned by the first device that is tried', design: OPENVMM },
      { answer: 'by the first device, which is needed to make the vSMMU', design: CLOUD_HYPERVISOR },
    ],
    source: { seed: 'OpenVMM pull request 4344', author: 'OpenVMM developers', date: '2026-08' },
    properties: [
      'boots-without-a-device',
      'refused-plug-leaves-no-trace',
      'fitting-device-can-be-hotplugged',
    ],
    designs: [...ALL],
    built:
      'All three ways exist. linux/iommufd.h lists the fields that a VMM may rely on, and OAS and ATS are not among them.',
    finding:
      'What the first device pins decides what can come later, wherever it is not the operator who says it: a plug that is refused pins in OpenVMM, and a boot needs a device in cloud-hypervisor and with QEMU’s `auto`.',
  },
  {
    id: 'D-74',
    question: 'Is a device’s HWPT replaced in one step, or by way of abort?',
    alternatives: [
      { answer: 'in one step: VFIO’s attach replaces', design: QEMU },
      {
        answer: 'by way of abort, the old one destroyed before the new one is made',
        design: CLOUD_HYPERVISOR,
      },
    ],
    source: {
      seed: 'cloud-hypervisor vfio pull request 169',
      author: 'cloud-hypervisor developers',
      date: '2026-09',
    },
    properties: ['replacement-is-hitless', 'moves-open-nothing'],
    designs: [...ALL],
    built:
      'QEMU and OpenVMM replace; cloud-hypervisor aborts in between, since there the vDEVICE owns its HWPT.',
    finding:
      'To own the new HWPT before the old one goes is what a hitless update takes. By way of abort is simpler to unwind, and DMA between two legal entries is lost.',
  },
  {
    id: 'D-75',
    question: 'Which devices do SMMUEN and GBPA reconfigure?',
    alternatives: [
      { answer: 'none: CFGI_STE and GBPA writes do', design: QEMU },
      { answer: 'all of them, before the register reads back', design: OPENVMM },
      { answer: 'those that a CFGI_STE has named', design: CLOUD_HYPERVISOR },
    ],
    source: CLOUD_HYPERVISOR_THREADS,
    properties: ['device-sees-what-guest-asked', 'earlier-configuration-applies', 'vsmmu-state-is-bounded'],
    designs: [...ALL],
    built: 'Each of the three has one of them.',
    finding:
      'Only (b) keeps a device without a driver from all of the guest’s memory. To remember names costs memory that the guest decides.',
  },
  {
    id: 'D-76',
    question: 'How deep is the kernel’s event queue, and when is it made?',
    alternatives: [
      { answer: 'as deep as the guest’s queue, when that is enabled first, and never anew', design: QEMU },
      { answer: 'a fixed number of events, with the vIOMMU', design: OPENVMM },
    ],
    source: OPENVMM_THREADS,
    properties: ['lost-events-as-architected'],
    designs: [...ALL],
    built: 'QEMU (a); OpenVMM (b) with 256, cloud-hypervisor (b) with 64.',
    finding:
      'A queue made at once holds events of a guest that wants none yet, which then have to be dropped; one made at EVENTQEN lets the kernel log them instead. A queue of one event, which a guest can ask of (a), loses all that come together.',
  },
  {
    id: 'D-77',
    question: 'What is a guest told of events that the kernel lost?',
    alternatives: [
      { answer: 'nothing: a warning for the operator', design: OPENVMM },
      { answer: 'an overflow of its own queue (OVFLG)', design: CLOUD_HYPERVISOR },
      'an error of its queue (GERROR)',
    ],
    source: OPENVMM_THREADS,
    properties: ['lost-events-as-architected'],
    designs: [...ALL],
    built: 'QEMU and OpenVMM warn, cloud-hypervisor sets OVFLG.',
    finding:
      'The architecture has no event that an SMMU lost before its queue. OVFLG says that events were lost, which is true, and that the queue was full, which is not; the property lets both pass, and a GERROR for a queue whose memory answers it does not.',
  },
  {
    id: 'D-78',
    question:
      'Which commands are errors: those that the vSMMU’s registers rule out, those that the VMM does not know, or none?',
    alternatives: [
      { answer: 'unknown opcodes; what is known and of no use is consumed', design: QEMU },
      { answer: 'what the registers rule out', design: INTENDED },
      { answer: 'all that the VMM does not handle', design: OPENVMM },
    ],
    source: CLOUD_HYPERVISOR_THREADS,
    properties: ['commands-stop-as-architected'],
    designs: [...ALL],
    built:
      'QEMU consumes ATC_INV without ATS, EL2, RESUME and the like; OpenVMM stops at PREFETCH_ADDR too; cloud-hypervisor hands on CFGI_CD of every stream.',
    finding:
      'A guest finds out by CERROR_ILL what it must not use. To consume a command promises what is not done.',
  },
  {
    id: 'D-79',
    question: 'Which bits of an STE does a VMM hand to the kernel?',
    alternatives: [
      { answer: 'those of the kernel’s list, whatever the guest’s registers say', design: QEMU },
      { answer: 'those that mean something by the guest’s registers', design: OPENVMM },
      { answer: 'all: the kernel refuses what is not its', design: CLOUD_HYPERVISOR },
    ],
    source: CLOUD_HYPERVISOR_THREADS,
    properties: ['device-sees-what-guest-asked', 'commands-stop-as-architected'],
    designs: [...ALL],
    built: 'Each of the three has one of them.',
    finding:
      'Architecture, kernel and VMM each have a list. (a) switches on what the guest was told it has not, (c) refuses what the guest may write.',
  },
];

const onLinux = (design: string): string => `kernel=linux-7.2,${design}`;

/** On platforms of their own, since the kernel's part in it has to be told from the VMM's. */
export const VMM_PARENTS: readonly DecisionRecord[] = [
  {
    id: 'D-72',
    question:
      'Is a vSMMU tied to a host context of its own, or do the vSMMUs of a machine share a nesting parent?',
    alternatives: [
      { answer: 'they share: one parent for each pSMMU and container', design: onLinux(QEMU) },
      { answer: 'they share: any parent that takes the vIOMMU', design: onLinux(OPENVMM) },
      { answer: 'each has its own', design: onLinux(CLOUD_HYPERVISOR) },
    ],
    source: OPENVMM_THREADS,
    properties: ['vsmmus-have-own-tag'],
    designs: [onLinux(INTENDED), QEMU, OPENVMM, CLOUD_HYPERVISOR, INTENDED],
    built:
      'QEMU and OpenVMM share, cloud-hypervisor does not. Linux 7.2 takes the VMID of a vIOMMU from its parent.',
    finding:
      'It takes both to share a tag: a VMM that shares a parent, and a kernel whose tag is the parent’s. Of the designs here `kernel=linux-7.2` is that kernel; the intended one has a tag for each vIOMMU.',
  },
];

const LISTED = 'vsmmu=listed-fields';

/** In front of pSMMUs that differ in what is compared. */
export const VMM_FIELDS: readonly DecisionRecord[] = [
  {
    id: 'D-80',
    question:
      'Which fields of a pSMMU’s ID registers may a VMM compare with what its vSMMU advertises, or hand to its guest?',
    alternatives: [
      { answer: 'those that linux/iommufd.h lists, and no other', design: LISTED },
      { answer: 'every field that says whether what is advertised works', design: INTENDED },
      { answer: 'most of the listed ones, OAS and ATS, and two that the VMM emulates', design: QEMU },
      { answer: 'OAS, and three of the listed ones', design: OPENVMM },
      { answer: 'none is compared: the first device’s are handed on, masked', design: CLOUD_HYPERVISOR },
    ],
    source: { seed: 'OpenVMM pull request 4344', author: 'OpenVMM developers', date: '2026-08' },
    properties: [
      'listed-fields-decide',
      'attached-device-within-vsmmu',
      'fitting-device-can-be-hotplugged',
      'boots-without-a-device',
    ],
    designs: [LISTED, ...ALL],
    built:
      'All three read OAS, which the list leaves out; QEMU reads IDR0.ATS too, and cloud-hypervisor COHACC and VMID16. QEMU asks for ST_LEVEL and SIDSIZE, which it emulates, and not for ASID16, BBML or STALL_MODEL, which are listed.',
    finding:
      'The list and what a guest is promised do not go together: OAS, HAD and ATS decide whether a guest’s stage 1 works, and the list has none of them.',
  },
];
