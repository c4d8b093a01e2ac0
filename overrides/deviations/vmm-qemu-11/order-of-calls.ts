import type { Override } from '../../../model/rules.ts';

/**
 * VFIO's core opens, binds and attaches a device before its vSMMU hears of it, and unplugs the other way round. Devices
 * are gone through from the newest on.
 */
export const qemuOrderOfCalls: Override = {
  name: 'qemu-11-order-of-calls',
  kind: 'design',
  summary: "what QEMU calls when: VFIO's container first, a vEVENTQ once EVENTQEN is set, one command a call",
  source: 'conformance/recordings/qemu-vsmmu-11.1.3; QEMU hw/vfio/iommufd.c: iommufd_cdev_attach()',
  rules: {
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
  },
};
