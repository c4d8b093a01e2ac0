import { abortAndBypassNeedNoVdevice } from './abort-and-bypass-need-no-vdevice.ts';
import { afterInvalidationNothingStale } from './after-invalidation-nothing-stale.ts';
import { attachedDeviceWithinVsmmu } from './attached-device-within-vsmmu.ts';
import { automaticIovaIsAllowed } from './automatic-iova-is-allowed.ts';
import { bootNeedsNoKernel } from './boot-needs-no-kernel.ts';
import { bootsWithoutADevice } from './boots-without-a-device.ts';
import { contextsIndependent } from './contexts-independent.ts';
import { deviceSeesWhatGuestAsked } from './device-sees-what-guest-asked.ts';
import { dmaStaysInIoas } from './dma-stays-in-ioas.ts';
import { earlierConfigurationApplies } from './earlier-configuration-applies.ts';
import { emptyInvalidationIsProbe } from './empty-invalidation-is-probe.ts';
import { fittingDeviceCanBeHotplugged } from './fitting-device-can-be-hotplugged.ts';
import { groupOnOneHwpt } from './group-on-one-hwpt.ts';
import { guestReadsDecidedRegisters } from './guest-reads-decided-registers.ts';
import { guestSeesItsEventsOnly } from './guest-sees-its-events-only.ts';
import { idRegistersNeverChange } from './id-registers-never-change.ts';
import { idsNotReused } from './ids-not-reused.ts';
import { invalidationProgressIsReal } from './invalidation-progress-is-real.ts';
import { iovaRangesExact } from './iova-ranges-exact.ts';
import { iovaSpaceDisjoint } from './iova-space-disjoint.ts';
import { migrationIsInvisible } from './migration-is-invisible.ts';
import { nestingOnOnePsmmu } from './nesting-on-one-psmmu.ts';
import { neverSilentlyDegraded } from './never-silently-degraded.ts';
import { noDanglingReference } from './no-dangling-reference.ts';
import { noDriverWithoutDevice } from './no-driver-without-device.ts';
import type { Property } from './property.ts';
import { referencesCounted } from './references-counted.ts';
import { refusedChangesNothing } from './refused-changes-nothing.ts';
import { refusedPlugLeavesNoTrace } from './refused-plug-leaves-no-trace.ts';
import { reportedInvalidationTookEffect } from './reported-invalidation-took-effect.ts';
import { reservedFieldsRefused } from './reserved-fields-refused.ts';
import { reservedWhileAttached } from './reserved-while-attached.ts';
import { teardownReturnsEverything } from './teardown-returns-everything.ts';
import { translateNeedsVdevice } from './translate-needs-vdevice.ts';
import { unplugLeavesNothing } from './unplug-leaves-nothing.ts';
import { veventqCountExact } from './veventq-count-exact.ts';
import { veventsAccounted } from './vevents-accounted.ts';
import { vsidCanBeUsedAgain } from './vsid-can-be-used-again.ts';
import { vsidOneToOne } from './vsid-one-to-one.ts';
import { vsmmuOnOnePsmmu } from './vsmmu-on-one-psmmu.ts';
import { vsmmusHaveOwnTag } from './vsmmus-have-own-tag.ts';

export type { Property } from './property.ts';

/** Every property, in the order in which reports list them. */
export const PROPERTIES: readonly Property[] = [
  refusedChangesNothing,
  referencesCounted,
  noDanglingReference,
  idsNotReused,
  iovaSpaceDisjoint,
  automaticIovaIsAllowed,
  iovaRangesExact,
  reservedWhileAttached,
  nestingOnOnePsmmu,
  translateNeedsVdevice,
  abortAndBypassNeedNoVdevice,
  vsidOneToOne,
  groupOnOneHwpt,
  invalidationProgressIsReal,
  emptyInvalidationIsProbe,
  reservedFieldsRefused,
  vsmmusHaveOwnTag,
  veventsAccounted,
  veventqCountExact,
  guestSeesItsEventsOnly,
  teardownReturnsEverything,
  contextsIndependent,
  bootsWithoutADevice,
  bootNeedsNoKernel,
  guestReadsDecidedRegisters,
  attachedDeviceWithinVsmmu,
  idRegistersNeverChange,
  fittingDeviceCanBeHotplugged,
  refusedPlugLeavesNoTrace,
  vsmmuOnOnePsmmu,
  earlierConfigurationApplies,
  deviceSeesWhatGuestAsked,
  migrationIsInvisible,
  unplugLeavesNothing,
  vsidCanBeUsedAgain,
  noDriverWithoutDevice,
  neverSilentlyDegraded,
  dmaStaysInIoas,
  afterInvalidationNothingStale,
  reportedInvalidationTookEffect,
];
