import type { Override } from '../../../model/rules.ts';
import { qemuOrderOfCalls } from './order-of-calls.ts';
import {
  containersParentShared,
  laterDeviceNotConfigured,
  renumberKeepsVdevice,
  unplugOpensMemory,
} from './plug.ts';
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

/** Where QEMU 11's accelerated vSMMU does not do what a guest is promised: recorded, or read in its source. */
export const vmmQemu11: readonly Override[] = [
  qemuOrderOfCalls,
  containersParentShared,
  unplugOpensMemory,
  laterDeviceNotConfigured,
  renumberKeepsVdevice,
  autoAsFirstDevice,
  emulatedFieldsCompared,
  fixedFieldsUnchecked,
  smmuenReconfiguresNothing,
  gbpaAppliesWhileEnabled,
  missingSteKeepsPrevious,
  illegalSteKeepsPrevious,
  refusedSteKeepsPrevious,
  ignoredSteFieldsPassed,
  twoLevelFormatSticks,
  unadvertisedCommandsConsumed,
  guardedRegistersWritten,
  lostEventIsQueueError,
];
