import type { DecisionRecord, DecisionSource } from './record.ts';

const SEED = '000_ad57012bc817ef74';

const chen: DecisionSource = { seed: SEED, author: 'Nicolin Chen', date: '2025-02-06' };
const kolothum: DecisionSource = { seed: SEED, author: 'Shameerali Kolothum Thodi', date: '2025-02-07' };
const kolothumBefore: DecisionSource = { ...kolothum, date: '2025-02-06' };
const berrange: DecisionSource = { seed: SEED, author: 'Daniel P. Berrangé', date: '2025-02-07' };
const gunthorpe: DecisionSource = { seed: SEED, author: 'Jason Gunthorpe', date: '2025-02-07' };
const gunthorpeBefore: DecisionSource = { ...gunthorpe, date: '2025-02-06' };

/** D-1 to D-18: where a vSMMU's registers come from, when its backing is made, and what a later device may be. */
export const VSMMU_LIFE: readonly DecisionRecord[] = [
  {
    id: 'D-1',
    question:
      'Can an IOMMU id that somebody made up be the handle with which a vIOMMU is created in iommufd?',
    alternatives: ['no: a bound device is the handle', 'yes: the operator assigns an id'],
    source: gunthorpeBefore,
    properties: ['boots-without-a-device', 'boot-needs-no-kernel'],
    designs: ['vsmmu=specified', 'vsmmu=id-handle'],
    built: 'IOMMU_VIOMMU_ALLOC takes a bound DEVICE and a nesting parent; without a device it is ENOENT.',
  },
  {
    id: 'D-2',
    question: 'When is the vIOMMU object made?',
    alternatives: ['when a VFIO device is plugged, cold or hot', 'when the machine is made'],
    source: kolothumBefore,
    properties: ['boot-needs-no-kernel', 'unplug-leaves-nothing'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built: 'QEMU makes it for the first device behind a vSMMU and frees it with the last.',
  },
  {
    id: 'D-3',
    question:
      'What is compared when a device is plugged: an assigned id with what the kernel tells, or capabilities?',
    alternatives: ['the id', 'the capabilities, field by field'],
    source: kolothumBefore,
    properties: ['attached-device-within-vsmmu', 'fitting-device-can-be-hotplugged'],
    designs: ['vsmmu=id-handle', 'vsmmu=specified'],
    built:
      'No ids. QEMU compares fields of IOMMU_GET_HW_INFO; a device of another pSMMU is found out by the kernel (EINVAL).',
  },
  {
    id: 'D-4',
    question: 'What is hard about booting a guest whose vSMMU has no vIOMMU behind it yet?',
    alternatives: [
      'what the guest configures before a device comes must reach it when it comes',
      'nothing: the guest will configure again',
    ],
    source: gunthorpeBefore,
    properties: ['earlier-configuration-applies', 'device-sees-what-guest-asked'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built:
      'In QEMU every hook does nothing while there is no vIOMMU, and stream table entries from before are not replayed: only GBPA is applied, and to the first device only.',
  },
  {
    id: 'D-5',
    question: 'Must the link from vSMMU to pSMMU be fixed beforehand for migration and hotplug?',
    alternatives: ['yes, by an explicit id', 'no, by the first device that is plugged'],
    source: chen,
    properties: ['migration-is-invisible', 'fitting-device-can-be-hotplugged', 'vsmmu-on-one-psmmu'],
    designs: ['vsmmu=id-handle', 'vsmmu=specified'],
    built:
      'The topology is fixed only: each vSMMU has a root complex. Live migration is blocked with accel=on.',
  },
  {
    id: 'D-6',
    question: 'Which iommufd calls need a VFIO device?',
    alternatives: ['all of them', 'those that reach a driver'],
    source: chen,
    properties: ['no-driver-without-device'],
    designs: ['vsmmu=specified', 'vsmmu=driver-backdoor'],
    built:
      'GET_HW_INFO, HWPT_ALLOC, VIOMMU_ALLOC and VDEVICE_ALLOC name a DEVICE; calls on an IOAS, a queue or a vIOMMU do not.',
  },
  {
    id: 'D-7',
    question: "Can a vSMMU's ID registers be decided without a cold-plugged device?",
    alternatives: ['no, since GET_HW_INFO cannot run before boot', 'yes, on the command line'],
    source: chen,
    properties: ['boots-without-a-device', 'guest-reads-decided-registers'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'Both: a property that is `auto` needs a device, one that is given does not.',
  },
  {
    id: 'D-8',
    question: 'Must every guest SMMU have a device when the guest boots?',
    alternatives: ['yes, because reset asks the device for the registers', 'no'],
    source: kolothum,
    properties: ['boots-without-a-device', 'id-registers-never-change'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'Only where a property is `auto`: then QEMU exits at machine_done.',
  },
  {
    id: 'D-9',
    question: 'Should a vIOMMU be configurable independently of attaching a VFIO device?',
    alternatives: ['yes', 'no: inherit from the host is enough'],
    source: berrange,
    properties: ['boots-without-a-device'],
    designs: ['vsmmu=specified', 'vsmmu=inherit'],
    built: 'Yes, by properties of the device.',
  },
  {
    id: 'D-10',
    question: "Should iommufd give access to IOMMU drivers' operations without a device?",
    alternatives: ['something like vfio_register_iommu_driver(), restricted', 'no'],
    source: kolothum,
    properties: ['no-driver-without-device', 'boot-needs-no-kernel', 'id-registers-never-change'],
    designs: ['vsmmu=driver-backdoor', 'vsmmu=specified'],
    built: 'No.',
  },
  {
    id: 'D-11',
    question: "Does a guest's SMMU driver need a device, or hardware information, to start?",
    alternatives: ['no', 'yes'],
    source: gunthorpe,
    properties: ['boot-needs-no-kernel', 'boots-without-a-device'],
    designs: ['vsmmu=specified'],
    built: 'No: registers, queues and tables are emulated.',
  },
  {
    id: 'D-12',
    question: 'What happens to a device whose pSMMU materially differs from the vSMMU?',
    alternatives: ['it cannot be attached', 'it is attached with features taken away or emulated'],
    source: gunthorpe,
    properties: ['attached-device-within-vsmmu', 'refused-plug-leaves-no-trace', 'never-silently-degraded'],
    designs: ['vsmmu=specified', 'vsmmu=most-capable', 'vmm=qemu-11'],
    built: 'The plug fails. QEMU does not compare ASID16, STALL_MODEL and BBML.',
  },
  {
    id: 'D-13',
    question: 'Inherit from the host, or be fully specified?',
    alternatives: ['both, as with CPUID', 'one of them'],
    source: gunthorpe,
    properties: ['boots-without-a-device', 'id-registers-never-change', 'migration-is-invisible'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'Both, property by property (`auto` or a value).',
  },
  {
    id: 'D-14',
    question: 'Is it acceptable that inherit from the host requires a VFIO device?',
    alternatives: ['yes', 'no'],
    source: gunthorpe,
    properties: ['boots-without-a-device', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=inherit'],
    built: 'Yes, as the choice of whoever leaves a property at `auto`.',
  },
  {
    id: 'D-15',
    question: 'What does full hotplug take?',
    alternatives: [
      'a vSMMU that is fully specified: it works with no devices and no kernel involvement',
      'a device at boot',
    ],
    source: gunthorpe,
    properties: ['fitting-device-can-be-hotplugged', 'boot-needs-no-kernel', 'vsid-can-be-used-again'],
    designs: ['vsmmu=specified', 'vsmmu=inherit'],
    built: 'accel=on with every property given boots with no VFIO device.',
  },
  {
    id: 'D-16',
    question: 'How are IIDR and errata dealt with?',
    alternatives: ['as part of what is specified', 'by the host alone'],
    source: gunthorpe,
    properties: ['id-registers-never-change', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=specified'],
    built:
      'QEMU shows IIDR 0 and AIDR 1 and compares neither. The host takes nesting from pSMMUs whose errata forbid it, so that no vIOMMU can be made.',
  },
  {
    id: 'D-17',
    question: 'Is booting with no virtual PCI device behind the vSMMU worth supporting?',
    alternatives: ['it is abnormal', 'it is how hotplug starts'],
    source: gunthorpe,
    properties: ['boots-without-a-device'],
    designs: ['vsmmu=specified'],
    built: 'It is allowed.',
  },
  {
    id: 'D-18',
    question: 'Is what a vSMMU inherited taken once, or anew at each reset and plug?',
    alternatives: ['once, before the guest can read it', 'anew'],
    source: gunthorpe,
    properties: ['id-registers-never-change', 'migration-is-invisible'],
    designs: ['vsmmu=inherit'],
    built: 'Once, from the first cold-plugged device; later devices are compared with it.',
  },
];
