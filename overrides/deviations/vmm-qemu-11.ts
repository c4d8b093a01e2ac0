import type { Override, RuleChanges } from '../../model/rules.ts';
import { listed, table } from '../table.ts';
import { guardedRegistersWritten, lostEventIsQueueError, unadvertisedCommandsConsumed } from './queues.ts';
import { autoAsFirstDevice, emulatedFieldsCompared, fixedFieldsUnchecked } from './registers.ts';
import {
  gbpaAppliesWhileEnabled,
  ignoredSteFieldsPassed,
  illegalSteKeepsPrevious,
  missingSteKeepsPrevious,
  refusedSteKeepsPrevious,
  smmuenReconfiguresNothing,
  twoLevelFormatSticks,
} from './streams.ts';

const qemuOrderOfCallsRules = {
  vmm: {
    plugSteps: [
      'open-device',
      'open-iommufd',
      'change-process',
      'bind',
      'container',
      'ask-iommu',
      'ask-iommu',
      'check',
      'back',
      'configure',
    ],
    backSteps: ['probe-cmdqv', 'viommu', 'abort', 'bypass', 'veventq'],
    freeSteps: ['veventq', 'bypass', 'abort', 'viommu'],
    parentIs: 'container',
    installSteps: ['hwpt', 'attach', 'destroy-old'],
    streamsFrom: 'newest',
    startConfigures: 'as-gbpa',
    configuresWhileDisabled: true,
    vdeviceAtPlug: false,
    mostInBatch: 1,
    commandForKernel: (words) => words,
    veventqAtOnce: false,
    veventqDepth: (log2Size) => 2 ** log2Size,
    eventBytes: 40,
    resetConfigures: 'as-gbpa',
    resetDrainsEvents: false,
    gbpaFreesHwpt: false,
    queuesAreAligned: false,
  },
} satisfies RuleChanges;

const unplugOpensMemoryRules = {
  vmm: {
    ...qemuOrderOfCallsRules.vmm,
    unplugSteps: [
      'attach-parent',
      'destroy-hwpt',
      'destroy-vdevice',
      'free-backing',
      'detach',
      'put-parent',
      'put-container',
      'close-iommufd',
      'close-device',
    ],
  },
} satisfies RuleChanges;

/** Where QEMU 11's accelerated vSMMU does not do what a guest is promised: recorded, or read in its source. */
export const VMM_QEMU_11 = table({
  /**
   * VFIO's core opens, binds and attaches a device before its vSMMU hears of it, and unplugs the other way round. Devices
   * are gone through from the newest on.
   */
  'qemu-11-order-of-calls': {
    kind: 'design',
    summary:
      "what QEMU calls when: VFIO's container first, a vEVENTQ once EVENTQEN is set, one command a call",
    source: 'conformance/recordings/qemu-vsmmu-11.1.3; QEMU hw/vfio/iommufd.c: iommufd_cdev_attach()',
    rules: qemuOrderOfCallsRules,
  },
  /** sharing across vSMMUs is said to be intended (smmuv3_accel_find_add_as()); a kernel that tags by parent then has one tag for both. */
  'parent-shared-by-container': {
    kind: 'deviation',
    summary: 'the vSMMUs of a machine share a nesting parent, and with Linux its VMID',
    source: 'QEMU hw/vfio/iommufd.c: iommufd_cdev_autodomains_get(); recorded (two-vsmmus)',
    rules: { vmm: { ...unplugOpensMemoryRules.vmm, parentIs: 'container' } },
  },
  /** unset_iommu_device() puts the device back on the nesting parent before anything else, while its driver may still use it. */
  'unplug-opens-memory': {
    kind: 'deviation',
    summary: 'a device that is unplugged reaches all guest memory before it is detached',
    source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_unset_iommu_device(); recorded (hotplug, unplug-last)',
    rules: unplugOpensMemoryRules,
  },
  /**
   * The first device behind a vSMMU is put on what GBPA says, also while SMMUEN is set; for every other one
   * set_iommu_device() returns early, and it stays on the nesting parent until the guest's next CFGI_STE, even behind
   * another pSMMU, since its vDEVICE is made only then. The guest sees an invalid STE, the device all of memory.
   */
  'later-device-not-configured': {
    kind: 'deviation',
    summary: 'a device plugged later reads and writes guest memory until the guest issues CFGI_STE',
    source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_set_iommu_device(); recorded (hotplug, other-psmmu)',
    rules: {
      vmm: {
        ...qemuOrderOfCallsRules.vmm,
        plugConfigures: (isFirst) => (isFirst ? 'as-gbpa' : 'nothing'),
        asksIfDeviceNests: false,
      },
    },
  },
  /** The vDEVICE stays that of the StreamID under which it was made; a looked-up bus number stays what it was (smmu_find_sdev()). */
  'renumber-keeps-vdevice': {
    kind: 'deviation',
    summary: "after a change of bus numbers a device's vDEVICE has its old StreamID",
    source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_alloc_vdev(); hw/arm/smmu-common.c; recorded (hotplug)',
    rules: { vmm: { renumberMakesVdevice: false, oldStreamsAnswer: true } },
  },
  'auto-as-first-device': autoAsFirstDevice,
  'emulated-fields-compared': emulatedFieldsCompared,
  'fixed-fields-unchecked': fixedFieldsUnchecked,
  'smmuen-reconfigures-nothing': smmuenReconfiguresNothing,
  'gbpa-applies-while-enabled': gbpaAppliesWhileEnabled,
  'missing-ste-keeps-previous': missingSteKeepsPrevious,
  'illegal-ste-keeps-previous': illegalSteKeepsPrevious,
  'refused-ste-keeps-previous': refusedSteKeepsPrevious,
  'ignored-ste-fields-passed': ignoredSteFieldsPassed,
  'two-level-format-sticks': twoLevelFormatSticks,
  'unadvertised-commands-consumed': unadvertisedCommandsConsumed,
  'guarded-registers-written': guardedRegistersWritten,
  'lost-event-is-queue-error': lostEventIsQueueError,
});

/** The same, in their order. */
export const vmmQemu11: readonly Override[] = listed(VMM_QEMU_11);
