import type { DecisionRecord, DecisionSource } from './record.ts';

const SEED = '003_067a4682a5f6c57b';

const brucker: DecisionSource = { seed: SEED, author: 'Jean-Philippe Brucker', date: '2021-06-04' };
const pan: DecisionSource = { seed: SEED, author: 'Jacob Pan', date: '2021-06-04' };
const gunthorpe: DecisionSource = { seed: SEED, author: 'Jason Gunthorpe', date: '2021-06-04' };

/** D-47 to D-53: what a VMM makes of a host with several physical IOMMUs. */
export const MIXED_HOSTS: readonly DecisionRecord[] = [
  {
    id: 'D-47',
    question: 'What does a VMM learn of the hardware once a device is bound?',
    alternatives: [
      'what features there are: PASID, PRI, page table formats',
      'nothing: it is told what to emulate',
    ],
    source: brucker,
    properties: ['attached-device-within-vsmmu'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'IOMMU_GET_HW_INFO of each device: the ID registers as they are, PASID width and capability bits.',
  },
  {
    id: 'D-48',
    question: 'If the VMM is told what to emulate, what becomes of what the hardware cannot do?',
    alternatives: ['software emulates it', 'the device is refused'],
    source: gunthorpe,
    properties: ['never-silently-degraded', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=most-capable', 'vsmmu=specified'],
    built: 'Refused; emulated endpoints behind an accelerated vSMMU are refused as well.',
  },
  {
    id: 'D-49',
    question: 'In what form does the kernel tell what the hardware is?',
    alternatives: ['rolled up: "ARM SMMU vXYZ"', 'the registers, and which fields may be relied on'],
    source: gunthorpe,
    properties: ['attached-device-within-vsmmu'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built: 'The registers; linux/iommufd.h lists the fields.',
  },
  {
    id: 'D-50',
    question: 'What should a vIOMMU be on a host with mixed IOMMUs?',
    alternatives: ['the least common denominator', 'what the first device has', 'what the operator says'],
    source: pan,
    properties: ['boots-without-a-device', 'id-registers-never-change', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=least-common', 'vsmmu=inherit', 'vsmmu=specified'],
    built: 'Not the least common denominator: the first device decides, or the properties do.',
  },
  {
    id: 'D-51',
    question: 'What can a VMM that copies the host go by?',
    alternatives: [
      'the VFIO devices that are present at boot, for then the vIOMMU is set',
      'devices that come later',
    ],
    source: gunthorpe,
    properties: ['boots-without-a-device', 'id-registers-never-change'],
    designs: ['vsmmu=inherit', 'vsmmu=least-common', 'vsmmu=most-capable'],
    built: 'The devices present when the machine is done.',
  },
  {
    id: 'D-52',
    question: 'Which of the IOMMUs present at boot should a VMM copy?',
    alternatives: ['the most capable one, emulating in software what others lack', 'the first', 'none'],
    source: gunthorpe,
    properties: ['never-silently-degraded', 'boots-without-a-device'],
    designs: ['vsmmu=most-capable', 'vsmmu=inherit', 'vsmmu=specified'],
    built: 'Not this.',
  },
  {
    id: 'D-53',
    question: 'Should platforms have wildly divergent IOMMUs?',
    alternatives: ['no', 'it does not matter'],
    source: gunthorpe,
    properties: ['vsmmu-on-one-psmmu', 'fitting-device-can-be-hotplugged'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built: 'Advice. In practice there is one vSMMU for each pSMMU.',
  },
];
