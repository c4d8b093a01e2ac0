/*
 * What a VMM does one after the other, in words. The order is a design's (`VmmRules`), the words are the machine's.
 */

/** Parts of a plug. What is there already is not made again. */
export const PLUG_STEPS = [
  /** /dev/iommu, for the first device of it. */
  'open-iommufd',
  /** IOAS_CHANGE_PROCESS on a new one. */
  'change-process',
  /** An IOAS with the guest's memory, if the iommufd has none. */
  'guest-memory',
  'open-device',
  'bind',
  /** VFIO's own attachment: to a nesting parent that takes the device, or a new one, in an IOAS that takes that. */
  'container',
  /** GET_HW_INFO. */
  'ask-iommu',
  /** Whether the device fits. */
  'check',
  /** The vSMMU's part of the pSMMU (`BACK_STEPS`), if it has none. */
  'back',
  'doorbell',
  /** The first attachment that is the guest's business. */
  'configure',
] as const;

/** Parts of what a vSMMU needs of a pSMMU. */
export const BACK_STEPS = [
  /** GET_HW_INFO for a kind of hardware queues that there may be. */
  'probe-cmdqv',
  'parent',
  'viommu',
  'abort',
  'bypass',
  'veventq',
  /** The device goes on what GBPA says. */
  'attach-gbpa',
] as const;

/** Parts of an unplug; the last device of something takes it along. */
export const UNPLUG_STEPS = [
  'attach-parent',
  'attach-abort',
  'detach',
  'destroy-hwpt',
  'destroy-vdevice',
  /** What the vSMMU had of the pSMMU (`FREE_STEPS`), if no other device is on it. */
  'free-backing',
  'put-parent',
  'put-container',
  'close-device',
  'close-iommufd',
] as const;

export const FREE_STEPS = ['veventq', 'abort', 'bypass', 'viommu', 'parent'] as const;

/** Parts of putting a device on what its STE says. */
export const INSTALL_STEPS = ['attach-abort', 'destroy-old', 'hwpt', 'attach'] as const;

export type PlugStep = (typeof PLUG_STEPS)[number];
export type BackStep = (typeof BACK_STEPS)[number];
export type UnplugStep = (typeof UNPLUG_STEPS)[number];
export type FreeStep = (typeof FREE_STEPS)[number];
export type InstallStep = (typeof INSTALL_STEPS)[number];

/** The decision points that give an order, with the words. */
export const VMM_ORDERS = {
  plugSteps: PLUG_STEPS,
  backSteps: BACK_STEPS,
  unplugSteps: UNPLUG_STEPS,
  freeSteps: FREE_STEPS,
  installSteps: INSTALL_STEPS,
} as const;
