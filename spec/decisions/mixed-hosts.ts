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
    source: {
      ...brucker,
      says: 'I think once it binds a device to an IOASID fd, QEMU will want to probe what hardware features are available before going further with the vIOMMU setup (is there PASID, PRI, which page table formats are supported,',
    },
    replies: [
      {
        ...gunthorpe,
        says: "I think David's point was that qemu should be told what vIOMMU it is emulating exactly (right down to what features it has)",
      },
    ],
    properties: ['attached-device-within-vsmmu'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'IOMMU_GET_HW_INFO of each device: the ID registers as they are, PASID width and capability bits.',
  },
  {
    id: 'D-48',
    question: 'If the VMM is told what to emulate, what becomes of what the hardware cannot do?',
    alternatives: [
      { answer: 'software emulates it', design: 'vsmmu=most-capable' },
      { answer: 'the device is refused', design: 'vsmmu=specified' },
    ],
    source: {
      ...gunthorpe,
      says: "I think David's point was that qemu should be told what vIOMMU it is emulating exactly (right down to what features it has) and then the goal is simply to match what the vIOMMU needs with direct HW support via /dev/ioasid and fall back to SW emulation when not possible.",
    },
    properties: ['never-silently-degraded', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=most-capable', 'vsmmu=specified'],
    built: 'Refused; emulated endpoints behind an accelerated vSMMU are refused as well.',
    finding:
      'Emulation keeps what the guest was promised. What it loses is nesting in hardware, and the property asks that nobody lose that unknowingly.',
  },
  {
    id: 'D-49',
    question: 'In what form does the kernel tell what the hardware is?',
    alternatives: ['rolled up: "ARM SMMU vXYZ"', 'the registers, and which fields may be relied on'],
    source: {
      ...gunthorpe,
      says: `If qemu wants to have some auto-configuration: 'pass host IOMMU capabilities' similar to the CPU flags then qemu should probe the /dev/ioasid - and maybe we should just return some highly rolled up "this is IOMMU HW ID ARM SMMU vXYZ" out of some query to guide qemu in doing this.`,
    },
    properties: ['attached-device-within-vsmmu'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built: 'The registers; linux/iommufd.h lists the fields.',
  },
  {
    id: 'D-50',
    question: 'What should a vIOMMU be on a host with mixed IOMMUs?',
    alternatives: [
      { answer: 'the least common denominator', design: 'vsmmu=least-common' },
      { answer: 'what the first device has', design: 'vsmmu=inherit' },
      { answer: 'what the operator says', design: 'vsmmu=specified' },
    ],
    source: {
      ...pan,
      says: "There can be mixed types of physical IOMMUs on the host. So not until a device is attached, we would not know if the vIOMMU can match the HW support of the device's IOMMU. Perhaps, vIOMMU should check the least common denominator features before commit.",
    },
    replies: [{ ...gunthorpe, says: 'qemu has to set the vIOMMU at VM startup time' }],
    properties: ['boots-without-a-device', 'id-registers-never-change', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=least-common', 'vsmmu=inherit', 'vsmmu=specified'],
    built: 'Not the least common denominator: the first device decides, or the properties do.',
    finding:
      'The least common denominator of what is there at boot still needs a device at boot, and may be another one after a migration.',
  },
  {
    id: 'D-51',
    question: 'What can a VMM that copies the host go by?',
    alternatives: [
      'the VFIO devices that are present at boot, for then the vIOMMU is set',
      'devices that come later',
    ],
    source: {
      ...gunthorpe,
      says: 'qemu has to set the vIOMMU at VM startup time, so if it is running in some "copy host" mode the only thing it can do is evaluate the VFIO devices that are present at boot and select a vIOMMU from that list.',
    },
    properties: ['boots-without-a-device', 'id-registers-never-change'],
    designs: ['vsmmu=inherit', 'vsmmu=least-common', 'vsmmu=most-capable'],
    built: 'The devices present when the machine is done.',
  },
  {
    id: 'D-52',
    question: 'Which of the IOMMUs present at boot should a VMM copy?',
    alternatives: [
      {
        answer: 'the most capable one, emulating in software what others lack',
        design: 'vsmmu=most-capable',
      },
      { answer: 'the first', design: 'vsmmu=inherit' },
      { answer: 'none', design: 'vsmmu=specified' },
    ],
    source: {
      ...gunthorpe,
      says: 'Probably would pick the most capable physical IOMMU and software emulate the reset.',
    },
    properties: ['never-silently-degraded', 'boots-without-a-device'],
    designs: ['vsmmu=most-capable', 'vsmmu=inherit', 'vsmmu=specified'],
    built: 'Not this.',
    finding:
      'The rest is emulated, as the message expects; the property asks that nobody lose hardware nesting unknowingly. Without a device there is nothing to pick from.',
  },
  {
    id: 'D-53',
    question: 'Should platforms have wildly divergent IOMMUs?',
    alternatives: ['no', 'it does not matter'],
    source: {
      ...gunthorpe,
      says: 'platforms really should avoid creating wildly divergent IOMMUs in the same system if they want to support virtualization effectively.',
    },
    properties: ['vsmmu-on-one-psmmu', 'fitting-device-can-be-hotplugged'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built: 'Advice. In practice there is one vSMMU for each pSMMU.',
  },
];
