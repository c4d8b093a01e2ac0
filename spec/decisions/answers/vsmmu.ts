import type { Answer } from './answer.ts';

const ADVICE = 'A judgement, which no run decides.';

/** D-1 to D-18 and D-47 to D-53. */
export const VSMMU_ANSWERS: Readonly<Record<string, Answer>> = {
  'D-1': {
    answer:
      'Jason Gunthorpe is right, and nobody in the thread said otherwise: an id says nothing of the hardware. A VMM that took one would refuse devices that fit, and accept one that does not.',
    shows: [
      ['vsmmu=id-handle', 'fitting-device-can-be-hotplugged', 'violated'],
      ['vsmmu=id-handle', 'attached-device-within-vsmmu', 'violated'],
    ],
    verdicts: [
      'Holds. It is how iommufd is: VIOMMU_ALLOC without a device is ENOENT.',
      'Violates both properties; see the traces. The reply in the thread says the same as (a): the vIOMMU comes with the device.',
    ],
  },
  'D-2': {
    answer:
      'Shameerali Kolothum Thodi describes what has to be, and what was built: the vIOMMU needs a device, so it is made when the first one is plugged; a machine boots before that without asking the kernel.',
    shows: [
      ['vsmmu=specified', 'boot-needs-no-kernel', 'holds'],
      ['vsmmu=specified', 'unplug-leaves-nothing', 'holds'],
    ],
    verdicts: ['Holds.', 'Not possible: VIOMMU_ALLOC takes a bound device, and there may be none yet.'],
  },
  'D-3': {
    answer:
      'Comparing an id is not enough, and comparing capabilities does without it: an id can match where the capabilities do not, and differ where they do.',
    shows: [
      ['vsmmu=id-handle', 'attached-device-within-vsmmu', 'violated'],
      ['vsmmu=specified', 'attached-device-within-vsmmu', 'holds'],
    ],
    verdicts: ['Violates both properties.', 'Holds.'],
  },
  'D-4': {
    answer:
      'Jason Gunthorpe is right that it becomes complicated: what the guest wrote before the device came has to reach it when it comes. Where it does not, a hotplugged device sees memory that the guest had closed to it.',
    shows: [
      ['vsmmu=specified', 'earlier-configuration-applies', 'holds'],
      ['vmm=qemu-11', 'device-sees-what-guest-asked', 'violated'],
    ],
    verdicts: [
      'Holds under `vsmmu=specified`, which reads the STE again at each plug.',
      'Violated: a guest need not configure again, and `vmm=qemu-11` shows what a device does until it does.',
    ],
  },
  'D-5': {
    answer:
      'Nicolin Chen is right that the link must be fixed; it need not be an id. Where the registers are given, the first device fixes it, and migration shows the guest nothing.',
    shows: [
      ['vsmmu=specified', 'migration-is-invisible', 'holds'],
      ['vsmmu=specified', 'vsmmu-on-one-psmmu', 'holds'],
      ['vsmmu=id-handle', 'fitting-device-can-be-hotplugged', 'violated'],
    ],
    verdicts: [
      'Fixes the link, but refuses devices that fit.',
      'Holds for `vsmmu=specified`: the vIOMMU of the first device is the link, and the kernel refuses one of another pSMMU.',
    ],
  },
  'D-6': {
    answer:
      'Nicolin Chen is right of the calls that he needs; taken to the letter it is too wide. GET_HW_INFO, HWPT_ALLOC, VIOMMU_ALLOC and VDEVICE_ALLOC name a device. IOAS calls, and those on a vIOMMU or an HWPT that exists, do not.',
    shows: [
      ['vsmmu=specified', 'no-driver-without-device', 'holds'],
      ['vsmmu=driver-backdoor', 'no-driver-without-device', 'violated'],
    ],
    verdicts: [
      'Not to the letter: IOAS_ALLOC and IOAS_MAP work without one.',
      'Holds: no driver is reached without a device.',
    ],
  },
  'D-7': {
    answer:
      'Both are right: Nicolin Chen for a vSMMU that copies the host, Jason Gunthorpe for one whose registers are given. The trace is a machine that inherits, and does not boot without a device.',
    shows: [
      ['vsmmu=inherit', 'boots-without-a-device', 'violated'],
      ['vsmmu=specified', 'boots-without-a-device', 'holds'],
    ],
    verdicts: ['Right under `vsmmu=inherit`: there is nothing to decide the registers from.', 'Holds.'],
  },
  'D-8': {
    answer:
      'Shameerali Kolothum Thodi is right of the patches as they were, where reset asks a device. It is no property of vSMMUs: with the registers given, a machine boots without one.',
    shows: [
      ['vsmmu=inherit', 'boots-without-a-device', 'violated'],
      ['vsmmu=specified', 'boots-without-a-device', 'holds'],
    ],
    verdicts: [
      'Right under `vsmmu=inherit`; the trace is the machine that has no device.',
      'Holds under `vsmmu=specified`.',
    ],
  },
  'D-9': {
    answer:
      'Daniel P. Berrangé asked for what can be had and was built: a vSMMU whose registers are given boots, and takes its devices later.',
    shows: [
      ['vsmmu=specified', 'boots-without-a-device', 'holds'],
      ['vsmmu=inherit', 'boots-without-a-device', 'violated'],
    ],
    verdicts: ['Holds.', 'Costs the boot without a device.'],
  },
  'D-10': {
    answer:
      'Jason Gunthorpe\'s "try hard to avoid" stands: the access would reach a driver on behalf of a process that has no device, and does not even fix the registers, for they change with the host. Shameerali Kolothum Thodi named the layering himself.',
    shows: [
      ['vsmmu=driver-backdoor', 'no-driver-without-device', 'violated'],
      ['vsmmu=driver-backdoor', 'id-registers-never-change', 'violated'],
    ],
    verdicts: [
      'Boots without a device, and costs three properties: it asks the kernel at boot, reaches a driver without a device, and its registers change with a migration.',
      'Holds.',
    ],
  },
  'D-11': {
    answer:
      'Jason Gunthorpe is right: a guest driver starts against registers, queues and tables that the VMM emulates. No call of the kernel is made for it.',
    shows: [
      ['vsmmu=specified', 'boot-needs-no-kernel', 'holds'],
      ['vsmmu=specified', 'boots-without-a-device', 'holds'],
    ],
    verdicts: ['Holds.', 'Only where the registers are copied from a device (D-7).'],
  },
  'D-12': {
    answer:
      'Jason Gunthorpe is right: refusing the device keeps every promise to the guest, and leaves nothing behind. Degrading it keeps the promise too, but costs nesting in hardware without telling anybody.',
    shows: [
      ['vsmmu=specified', 'attached-device-within-vsmmu', 'holds'],
      ['vsmmu=specified', 'refused-plug-leaves-no-trace', 'holds'],
      ['vsmmu=most-capable', 'never-silently-degraded', 'violated'],
    ],
    verdicts: [
      'Holds.',
      'Costs the wish never-silently-degraded; nothing that the guest was promised is broken.',
    ],
  },
  'D-13': {
    answer:
      'Both, as Jason Gunthorpe says: inheriting is easy, and costs a boot without devices and a migration that the guest does not notice; being fully specified costs neither.',
    shows: [
      ['vsmmu=inherit', 'migration-is-invisible', 'violated'],
      ['vsmmu=specified', 'migration-is-invisible', 'holds'],
    ],
    verdicts: [
      'Costs what the message says it costs: a device at boot, and migration.',
      'Holds.',
      'What QEMU has, property by property; each value is as one of the two.',
    ],
  },
  'D-14': {
    answer:
      'It works as Jason Gunthorpe says: what is attached to a vSMMU that inherits fits it. Daniel P. Berrangé names the price. Whether it is acceptable is for who chooses the mode.',
    shows: [
      ['vsmmu=inherit', 'attached-device-within-vsmmu', 'holds'],
      ['vsmmu=inherit', 'boots-without-a-device', 'violated'],
    ],
    verdicts: [
      'The mode works; the price is the trace.',
      `${ADVICE} The trace shows the restriction that he calls unpleasant.`,
    ],
  },
  'D-15': {
    answer:
      'Jason Gunthorpe is right: only a fully specified vSMMU is shown to a guest with no devices and no call of the kernel, and takes a fitting device later.',
    shows: [
      ['vsmmu=specified', 'boot-needs-no-kernel', 'holds'],
      ['vsmmu=specified', 'fitting-device-can-be-hotplugged', 'holds'],
      ['vsmmu=inherit', 'boots-without-a-device', 'violated'],
    ],
    verdicts: ['Holds.', 'Enough for hotplug behind a device, and not for a machine that has none.'],
  },
  'D-16': {
    answer:
      'Jason Gunthorpe is right that they need considering, and the model has one half: a host refuses to nest where an erratum forbids it (scope mixed-host has such a pSMMU). What a guest could do with the IIDR of an erratum is not modelled.',
    shows: [['vsmmu=specified', 'attached-device-within-vsmmu', 'holds']],
    verdicts: [
      'Not decided: no driver of the model changes what it does by IIDR, so no run can tell a right IIDR from a wrong one.',
      'Holds for errata that forbid nesting. Others (repeated TLBI) reach guests only with a flag that came after Linux 7.2.',
    ],
  },
  'D-17': {
    answer:
      'A remark about use, which no run decides. The model says only that such a boot works where the registers are given, so nothing need forbid it.',
    shows: [['vsmmu=specified', 'boots-without-a-device', 'holds']],
    verdicts: [ADVICE, `${ADVICE} That it works is shown.`],
  },
  'D-18': {
    answer:
      'Once: no plug or reset on one host changes what the guest has read. Inheriting cannot keep that over a migration, which is why the message keeps migration for the specified kind.',
    shows: [
      ['vsmmu=inherit', 'id-registers-never-change', 'violated'],
      ['vsmmu=specified', 'id-registers-never-change', 'holds'],
    ],
    verdicts: [
      'Holds on one host; the trace is a migration to another.',
      'Not modelled: it would change registers under a running guest at each plug, which the property forbids by its words.',
    ],
  },
  'D-47': {
    answer:
      'Jean-Philippe Brucker foresaw what was built: GET_HW_INFO of a bound device. Jason Gunthorpe is right too that a VMM which is told what to emulate uses it only to check.',
    shows: [
      ['vsmmu=inherit', 'attached-device-within-vsmmu', 'holds'],
      ['vsmmu=specified', 'attached-device-within-vsmmu', 'holds'],
    ],
    verdicts: [
      'Holds: `vsmmu=inherit` takes the registers from it.',
      'Holds: `vsmmu=specified` asks only when a device comes.',
    ],
  },
  'D-48': {
    answer:
      'The first half of the goal was built and holds: what was promised is matched or the device is refused. The fallback in software keeps the promise as well; what it loses is hardware nesting, unnoticed.',
    shows: [
      ['vsmmu=specified', 'attached-device-within-vsmmu', 'holds'],
      ['vsmmu=most-capable', 'attached-device-within-vsmmu', 'holds'],
      ['vsmmu=most-capable', 'never-silently-degraded', 'violated'],
    ],
    verdicts: ['Keeps the promise; costs the wish never-silently-degraded.', 'Holds.'],
  },
  'D-49': {
    answer:
      'The registers were taken, not the rolled-up name, and they are enough for every device to be compared field by field. A name would do where all instances of a product are alike; the model has no such names.',
    shows: [['vsmmu=specified', 'attached-device-within-vsmmu', 'holds']],
    verdicts: [
      'Not modelled: a name stands for a table of registers, which would be compared in the same way.',
      'Holds.',
    ],
  },
  'D-50': {
    answer:
      'Jacob Pan is right that a match is not known before a device comes, and Jason Gunthorpe that the vIOMMU is set before. The least common denominator of what is there at boot needs a device at boot all the same, and does not survive a migration.',
    shows: [
      ['vsmmu=least-common', 'boots-without-a-device', 'violated'],
      ['vsmmu=least-common', 'id-registers-never-change', 'violated'],
      ['vsmmu=specified', 'id-registers-never-change', 'holds'],
    ],
    verdicts: [
      'Every device of the host fits; costs a device at boot, and migration.',
      'The same price, and fewer devices fit.',
      'Holds.',
    ],
  },
  'D-51': {
    answer:
      'Jason Gunthorpe is right: a VMM that copies can go only by what is present at boot. Every design that copies shows it, by not booting when nothing is there.',
    shows: [
      ['vsmmu=inherit', 'boots-without-a-device', 'violated'],
      ['vsmmu=least-common', 'boots-without-a-device', 'violated'],
      ['vsmmu=most-capable', 'boots-without-a-device', 'violated'],
    ],
    verdicts: [
      'Right. The traces confirm it; they are no objection to what he says.',
      'Not possible: the guest has read the registers by then (id-registers-never-change).',
    ],
  },
  'D-52': {
    answer:
      'What Jason Gunthorpe expected would work and was not built: the most capable one can be copied and the rest emulated. It costs hardware nesting for the others, unnoticed, and a device at boot like every copy.',
    shows: [
      ['vsmmu=most-capable', 'attached-device-within-vsmmu', 'holds'],
      ['vsmmu=most-capable', 'never-silently-degraded', 'violated'],
    ],
    verdicts: [
      'Keeps every promise to the guest; costs the wish never-silently-degraded.',
      'What QEMU does with `auto`: a device that lacks something is refused.',
      'Holds; nothing is copied.',
    ],
  },
  'D-53': {
    answer:
      'Advice to platforms, which no run decides. The model shows what divergence costs a vSMMU: the devices of another pSMMU are refused.',
    shows: [['vsmmu=specified', 'vsmmu-on-one-psmmu', 'holds']],
    verdicts: [`${ADVICE} On scope mixed-host most devices fit no vSMMU that another fits.`, `${ADVICE}`],
  },
};
