import { vsmmuStateIsBounded } from '../iommufd/vsmmu-state-is-bounded.ts';
import type { Property } from '../property.ts';
import { attachedDeviceWithinVsmmu } from './attached-device-within-vsmmu.ts';
import { bootNeedsNoKernel } from './boot-needs-no-kernel.ts';
import { bootsWithoutADevice } from './boots-without-a-device.ts';
import { commandsStopAsArchitected } from './commands-stop-as-architected.ts';
import { deviceSeesWhatGuestAsked } from './device-sees-what-guest-asked.ts';
import { earlierConfigurationApplies } from './earlier-configuration-applies.ts';
import { enabledQueueIsConsumed } from './enabled-queue-is-consumed.ts';
import { fittingDeviceCanBeHotplugged } from './fitting-device-can-be-hotplugged.ts';
import { guestReadsDecidedRegisters } from './guest-reads-decided-registers.ts';
import { guestReadsItsEvents } from './guest-reads-its-events.ts';
import { idRegistersNeverChange } from './id-registers-never-change.ts';
import { invalidationsReachTheKernel } from './invalidations-reach-the-kernel.ts';
import { liveUpdateLosesNothing } from './live-update-loses-nothing.ts';
import { lostEventsAsArchitected } from './lost-events-as-architected.ts';
import { migrationIsInvisible } from './migration-is-invisible.ts';
import { movesOpenNothing } from './moves-open-nothing.ts';
import { neverSilentlyDegraded } from './never-silently-degraded.ts';
import { noDriverWithoutDevice } from './no-driver-without-device.ts';
import { refusedInvalidationStopsTheQueue } from './refused-invalidation-stops-the-queue.ts';
import { refusedPlugLeavesNoTrace } from './refused-plug-leaves-no-trace.ts';
import { refusedPlugSaysWhy } from './refused-plug-says-why.ts';
import { registerWritesTakeEffect } from './register-writes-take-effect.ts';
import { replacementIsHitless } from './replacement-is-hitless.ts';
import { resetIsAsAtPowerOn } from './reset-is-as-at-power-on.ts';
import { unplugLeavesNothing } from './unplug-leaves-nothing.ts';
import { vsidCanBeUsedAgain } from './vsid-can-be-used-again.ts';
import { vsmmuOnOnePsmmu } from './vsmmu-on-one-psmmu.ts';
import { listedFieldsDecide } from './wish-listed-fields-decide.ts';

/** The properties of a vSMMU's life: boot, plug, what the guest reads and asks for, unplug, migration. */
export const VSMMU_PROPERTIES: readonly Property[] = [
  bootsWithoutADevice,
  bootNeedsNoKernel,
  guestReadsDecidedRegisters,
  attachedDeviceWithinVsmmu,
  idRegistersNeverChange,
  fittingDeviceCanBeHotplugged,
  refusedPlugLeavesNoTrace,
  refusedPlugSaysWhy,
  vsmmuOnOnePsmmu,
  earlierConfigurationApplies,
  deviceSeesWhatGuestAsked,
  migrationIsInvisible,
  liveUpdateLosesNothing,
  unplugLeavesNothing,
  vsidCanBeUsedAgain,
  noDriverWithoutDevice,
  neverSilentlyDegraded,
  resetIsAsAtPowerOn,
  commandsStopAsArchitected,
  enabledQueueIsConsumed,
  invalidationsReachTheKernel,
  refusedInvalidationStopsTheQueue,
  registerWritesTakeEffect,
  lostEventsAsArchitected,
  movesOpenNothing,
  replacementIsHitless,
  vsmmuStateIsBounded,
  guestReadsItsEvents,
];

/** What no VMM that was read, and not the intended one, gives. */
export const VSMMU_WISHES: readonly Property[] = [listedFieldsDecide];
