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
    alternatives: [
      { answer: 'no: a bound device is the handle', design: 'vsmmu=specified' },
      { answer: 'yes: the operator assigns an id', design: 'vsmmu=id-handle' },
    ],
    source: {
      ...gunthorpeBefore,
      says: 'So even if you invent an iommu ID we cannot accept it as a handle to create viommu in iommufd.',
    },
    replies: [
      {
        ...kolothumBefore,
        says: 'Creating the vIOMMU only happens when the user does a cold/hot plug of a VFIO device. At that time Qemu checks whether the assigned id matches with whatever the kernel tell it.',
      },
    ],
    properties: ['attached-device-within-vsmmu', 'fitting-device-can-be-hotplugged'],
    designs: ['vsmmu=specified', 'vsmmu=id-handle'],
    built: 'IOMMU_VIOMMU_ALLOC takes a bound DEVICE and a nesting parent; without a device it is ENOENT.',
  },
  {
    id: 'D-2',
    question: 'When is the vIOMMU object made?',
    alternatives: ['when a VFIO device is plugged, cold or hot', 'when the machine is made'],
    source: {
      ...kolothumBefore,
      says: 'Creating the vIOMMU only happens when the user does a cold/hot plug of a VFIO device.',
    },
    properties: ['boot-needs-no-kernel', 'unplug-leaves-nothing'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built: 'QEMU makes it for the first device behind a vSMMU and frees it with the last.',
  },
  {
    id: 'D-3',
    question:
      'What is compared when a device is plugged: an assigned id with what the kernel tells, or capabilities?',
    alternatives: [
      { answer: 'the id', design: 'vsmmu=id-handle' },
      { answer: 'the capabilities, field by field', design: 'vsmmu=specified' },
    ],
    source: {
      ...kolothumBefore,
      says: 'At that time Qemu checks whether the assigned id matches with whatever the kernel tell it.',
    },
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
    source: {
      ...gunthorpeBefore,
      says: 'This is not hard up until the guest is started. If you boot a guest without a backing viommu iommufd object then there will be some more complexities.',
    },
    replies: [{ ...chen, says: 'Yea, I imagined that things would be complicated with hotplugs..' }],
    properties: ['earlier-configuration-applies', 'device-sees-what-guest-asked'],
    designs: ['vsmmu=specified', 'vmm=qemu-11'],
    built:
      'In QEMU every hook does nothing while there is no vIOMMU, and stream table entries from before are not replayed: only GBPA is applied, and to the first device only.',
  },
  {
    id: 'D-5',
    question: 'Must the link from vSMMU to pSMMU be fixed beforehand for migration and hotplug?',
    alternatives: ['yes, by an explicit id', 'no, by the first device that is plugged'],
    source: {
      ...chen,
      says: 'On one hand, I got the part that we need some fixed link forehand to ease migration/hotplugs.',
    },
    properties: ['migration-is-invisible', 'fitting-device-can-be-hotplugged', 'vsmmu-on-one-psmmu'],
    designs: ['vsmmu=id-handle', 'vsmmu=specified'],
    built:
      'The topology is fixed only: each vSMMU has a root complex. Live migration is blocked with accel=on.',
    finding:
      'The link needs no id: where the operator gives the registers, the first device makes it. An id as the handle makes it too, and refuses devices that would fit.',
  },
  {
    id: 'D-6',
    question: 'Which iommufd calls need a VFIO device?',
    alternatives: ['all of them', 'those that reach a driver'],
    source: { ...chen, says: 'On the other hand, all IOMMUFD ioctls need a VFIO device FD' },
    properties: ['no-driver-without-device'],
    designs: ['vsmmu=specified', 'vsmmu=driver-backdoor'],
    built:
      'GET_HW_INFO, HWPT_ALLOC, VIOMMU_ALLOC and VDEVICE_ALLOC name a DEVICE; calls on an IOAS, a queue or a vIOMMU do not.',
  },
  {
    id: 'D-7',
    question: "Can a vSMMU's ID registers be decided without a cold-plugged device?",
    alternatives: [
      { answer: 'no, since GET_HW_INFO cannot run before boot', design: 'vsmmu=inherit' },
      { answer: 'yes, on the command line', design: 'vsmmu=specified' },
    ],
    source: {
      ...chen,
      says: "we cannot even decide vSMMU's capabilities being reflected in its IDR/IIDR registers, without a coldplug device -- if we boot a VM (one vSMMU<->pSMMU) with only a hotplug device, the IOMMU_GET_HW_INFO cannot be done during guest",
    },
    replies: [
      {
        ...gunthorpe,
        says: 'AFAICT you do not need a VFIO device, or access to the HW_INFO of the smmu to start up a SMMU driver.',
      },
    ],
    properties: ['boots-without-a-device', 'guest-reads-decided-registers'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'Both: a property that is `auto` needs a device, one that is given does not.',
    finding:
      'Under inherit from the host it is as (a) says: the trace is a machine that does not boot. A vSMMU whose registers are given needs no device.',
  },
  {
    id: 'D-8',
    question: 'Must every guest SMMU have a device when the guest boots?',
    alternatives: [
      { answer: 'yes, because reset asks the device for the registers', design: 'vsmmu=inherit' },
      { answer: 'no', design: 'vsmmu=specified' },
    ],
    source: {
      ...kolothum,
      says: 'Right. I forgot about the call to smmu_dev_get_info() during the reset. That means we need at least one dev per Guest SMMU during Guest boot :(',
    },
    properties: ['boots-without-a-device', 'id-registers-never-change'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'Only where a property is `auto`: then QEMU exits at machine_done.',
    finding:
      'Where the registers come from a device it is as (a) says, and the trace is the machine that has none. Where they are given it is not so.',
  },
  {
    id: 'D-9',
    question: 'Should a vIOMMU be configurable independently of attaching a VFIO device?',
    alternatives: [
      { answer: 'yes', design: 'vsmmu=specified' },
      { answer: 'no: inherit from the host is enough', design: 'vsmmu=inherit' },
    ],
    source: {
      ...berrange,
      says: "That's pretty unpleasant as a usage restriction. It sounds like there needs to be a way to configure & control the vIOMMU independantly of attaching a specific VFIO device.",
    },
    replies: [{ ...kolothum, says: 'Yes, that would be ideal.' }],
    properties: ['boots-without-a-device'],
    designs: ['vsmmu=specified', 'vsmmu=inherit'],
    built: 'Yes, by properties of the device.',
  },
  {
    id: 'D-10',
    question: "Should iommufd give access to IOMMU drivers' operations without a device?",
    alternatives: [
      { answer: 'something like vfio_register_iommu_driver(), restricted', design: 'vsmmu=driver-backdoor' },
      { answer: 'no', design: 'vsmmu=specified' },
    ],
    source: {
      ...kolothum,
      says: 'Just wondering whether we can have something like the vfio_register_iommu_driver() for iommufd subsystem by which it can directly access iommu drivers ops(may be a restricted set). Not sure about the layering violations and other security issues with that...',
    },
    replies: [{ ...gunthorpe, says: 'I very much want to try hard to avoid that.' }],
    properties: ['no-driver-without-device', 'boot-needs-no-kernel', 'id-registers-never-change'],
    designs: ['vsmmu=driver-backdoor', 'vsmmu=specified'],
    built: 'No.',
  },
  {
    id: 'D-11',
    question: "Does a guest's SMMU driver need a device, or hardware information, to start?",
    alternatives: ['no', 'yes'],
    source: {
      ...gunthorpe,
      says: 'AFAICT you do not need a VFIO device, or access to the HW_INFO of the smmu to start up a SMMU driver.',
    },
    properties: ['boot-needs-no-kernel', 'boots-without-a-device'],
    designs: ['vsmmu=specified'],
    built: 'No: registers, queues and tables are emulated.',
  },
  {
    id: 'D-12',
    question: 'What happens to a device whose pSMMU materially differs from the vSMMU?',
    alternatives: [
      { answer: 'it cannot be attached', design: 'vsmmu=specified' },
      {
        answer: 'it is attached with features taken away or emulated',
        design: 'vsmmu=most-capable',
      },
    ],
    source: {
      ...gunthorpe,
      says: 'Yes, you cannot later attach a VFIO device with a pSMMU that materially differs from vSMMU setup, but that is fine.',
    },
    properties: ['attached-device-within-vsmmu', 'refused-plug-leaves-no-trace', 'never-silently-degraded'],
    designs: ['vsmmu=specified', 'vsmmu=most-capable', 'vmm=qemu-11'],
    built: 'The plug fails. QEMU does not compare ASID16, STALL_MODEL and BBML.',
  },
  {
    id: 'D-13',
    question: 'Should a vIOMMU inherit from the host, or be fully specified?',
    alternatives: [
      { answer: 'inherit from the host, for an easy setup', design: 'vsmmu=inherit' },
      { answer: 'fully specified, for live migration and the like', design: 'vsmmu=specified' },
      'both, as with CPUID',
    ],
    source: {
      ...gunthorpe,
      says: 'qemu has long had a duality where you can either "inherit from host" for an easy setup or be "fully specified" and support live migration/etc. CPUID as a simple example.',
    },
    properties: ['boots-without-a-device', 'id-registers-never-change', 'migration-is-invisible'],
    designs: ['vsmmu=inherit', 'vsmmu=specified'],
    built: 'Both, property by property (`auto` or a value).',
    finding:
      'What inheriting costs is what the message says of it: a device at boot, and migration. It is the price of an easy setup, not a fault of it.',
  },
  {
    id: 'D-14',
    question: 'Is it acceptable that inherit from the host requires a VFIO device?',
    alternatives: ['yes', 'no'],
    source: {
      ...gunthorpe,
      says: 'So, what the smmu patches are doing now is "inherit from host" and that requires a VFIO device to work. I think that is fine.',
    },
    replies: [{ ...berrange, says: "That's pretty unpleasant as a usage restriction." }],
    properties: ['boots-without-a-device', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=inherit'],
    built: 'Yes, as the choice of whoever leaves a property at `auto`.',
    finding:
      'The trace is the price: no device, no boot. What is attached then fits. Whether that is acceptable is for whoever chooses the mode.',
  },
  {
    id: 'D-15',
    question: 'What does full hotplug take?',
    alternatives: [
      {
        answer: 'a vSMMU that is fully specified: it works with no devices and no kernel involvement',
        design: 'vsmmu=specified',
      },
      { answer: 'a device at boot', design: 'vsmmu=inherit' },
    ],
    source: {
      ...gunthorpe,
      says: 'If you want to do full hotplug then you need to "fully specified" on the command line so a working vSMMU can be shown to the guest with no devices, and no kernel involvement.',
    },
    properties: [
      'boots-without-a-device',
      'fitting-device-can-be-hotplugged',
      'boot-needs-no-kernel',
      'vsid-can-be-used-again',
    ],
    designs: ['vsmmu=specified', 'vsmmu=inherit'],
    built: 'accel=on with every property given boots with no VFIO device.',
    finding:
      'Once they run, both let a fitting device be plugged. Only the fully specified one gets that far with no device.',
  },
  {
    id: 'D-16',
    question: 'How are IIDR and errata dealt with?',
    alternatives: ['as part of what is specified', 'by the host alone'],
    source: {
      ...gunthorpe,
      says: 'Obviously this is a highly advanced operating mode as things like IIDR and errata need to be considered',
    },
    properties: ['id-registers-never-change', 'attached-device-within-vsmmu'],
    designs: ['vsmmu=specified'],
    built:
      'QEMU shows IIDR 0 and AIDR 1 and compares neither. The host takes nesting from pSMMUs whose errata forbid it, so that no vIOMMU can be made.',
    finding:
      'A host whose pSMMU has an erratum that forbids nesting refuses to make a vIOMMU (scope mixed-host has one). No driver of the model does anything else by IIDR.',
  },
  {
    id: 'D-17',
    question: 'Is booting with no virtual PCI device behind the vSMMU a normal case?',
    alternatives: ['no: it is abnormal already, a highly advanced mode', 'yes: it is how hotplug starts'],
    source: { ...gunthorpe, says: 'I would guess booting with no vPCI devices is already abnormal.' },
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
    finding:
      'On one host it is taken once. A machine that arrives on another host asks the device there, and that is the trace.',
  },
];
