import { ACCESS_PROPERTIES } from './accesses/index.ts';
import { ioasCallsAnswerAsDocumented } from './answers/ioas-calls-answer-as-documented.ts';
import { dmaCanEndWhereTablesLead } from './dma/dma-can-end-where-tables-lead.ts';
import { architectureWalksAsWritten } from './emulated/architecture-walks-as-written.ts';
import { emulatedEventsReachTheQueue } from './emulated/emulated-events-reach-the-queue.ts';
import { emulatedRegistersTakeEffect } from './emulated/emulated-registers-take-effect.ts';
import { emulatedStreamIsConfiguredAsWritten } from './emulated/emulated-stream-is-configured-as-written.ts';
import { emulationForgetsWhatItIsTold } from './emulated/emulation-forgets-what-it-is-told.ts';
import { emulationGoesOn } from './emulated/emulation-goes-on.ts';
import { emulationInvalidatesWhatItIsTold } from './emulated/emulation-invalidates-what-it-is-told.ts';
import { emulationStopsAtIllegalCommands } from './emulated/emulation-stops-at-illegal-commands.ts';
import { emulationUsesWhatMayBeCached } from './emulated/emulation-uses-what-may-be-cached.ts';
import { emulationWalksAsArchitecture } from './emulated/emulation-walks-as-architecture.ts';
import { vtdEmulationForgetsWhatItIsTold } from './emulated-vtd/vtd-emulation-forgets-what-it-is-told.ts';
import { vtdEmulationWalksAsArchitecture } from './emulated-vtd/vtd-emulation-walks-as-architecture.ts';
import { vtdFaultsAreRecorded } from './emulated-vtd/vtd-faults-are-recorded.ts';
import { vtdQueueIsConsumed } from './emulated-vtd/vtd-queue-is-consumed.ts';
import { vtdQueueStopsWhenTold } from './emulated-vtd/vtd-queue-stops-when-told.ts';
import { vtdRegistersReadAsWritten } from './emulated-vtd/vtd-registers-read-as-written.ts';
import { vtdUnitWalksAsWritten } from './emulated-vtd/vtd-unit-walks-as-written.ts';
import { descriptorCallsAnswerAsDocumented } from './files/descriptor-calls-answer-as-documented.ts';
import { openFilesAreCounted } from './files/open-files-are-counted.ts';
import { PROBE_PROPERTIES } from './host/index.ts';
import { abortAndBypassNeedNoVdevice } from './iommufd/abort-and-bypass-need-no-vdevice.ts';
import { automaticHwptGoesWithLastAttachment } from './iommufd/automatic-hwpt-goes-with-last-attachment.ts';
import { automaticIovaIsAllowed } from './iommufd/automatic-iova-is-allowed.ts';
import { contextsAreCounted } from './iommufd/contexts-are-counted.ts';
import { contextsIndependent } from './iommufd/contexts-independent.ts';
import { detachedIsDetached } from './iommufd/detached-is-detached.ts';
import { driverMovesAreConsistent } from './iommufd/driver-moves-are-consistent.ts';
import { emptyInvalidationIsProbe } from './iommufd/empty-invalidation-is-probe.ts';
import { everyCommandIsAnswered } from './iommufd/every-command-is-answered.ts';
import { everyMappingAllowsSomething } from './iommufd/every-mapping-allows-something.ts';
import { exitReturnsEverything } from './iommufd/exit-returns-everything.ts';
import { failedAnswerUndoesAttach } from './iommufd/failed-answer-undoes-attach.ts';
import { groupOnOneHwpt } from './iommufd/group-on-one-hwpt.ts';
import { groupPasidAllOrNone } from './iommufd/group-pasid-all-or-none.ts';
import { guestSeesItsEventsOnly } from './iommufd/guest-sees-its-events-only.ts';
import { hwptAllocIsTaken } from './iommufd/hwpt-alloc-is-taken.ts';
import { idsNotReused } from './iommufd/ids-not-reused.ts';
import { invalidationNamesOwnVdevice } from './iommufd/invalidation-names-own-vdevice.ts';
import { invalidationProgressIsReal } from './iommufd/invalidation-progress-is-real.ts';
import { iovaRangesExact } from './iommufd/iova-ranges-exact.ts';
import { iovaSpaceDisjoint } from './iommufd/iova-space-disjoint.ts';
import { mappedIsWhatWasGiven } from './iommufd/mapped-is-what-was-given.ts';
import { nestedDeviceIsCoherent } from './iommufd/nested-device-is-coherent.ts';
import { nestingOnOnePsmmu } from './iommufd/nesting-on-one-psmmu.ts';
import { noDanglingReference } from './iommufd/no-dangling-reference.ts';
import { oneCallIsBounded } from './iommufd/one-call-is-bounded.ts';
import { pasidAttachIsTaken } from './iommufd/pasid-attach-is-taken.ts';
import { pasidCompatAgrees } from './iommufd/pasid-compat-agrees.ts';
import { pollTellsWhatWaits } from './iommufd/poll-tells-what-waits.ts';
import { referencesCounted } from './iommufd/references-counted.ts';
import { refusedChangesNothing } from './iommufd/refused-changes-nothing.ts';
import { reservedFieldsRefused } from './iommufd/reserved-fields-refused.ts';
import { reservedWhileAttached } from './iommufd/reserved-while-attached.ts';
import { teardownReturnsEverything } from './iommufd/teardown-returns-everything.ts';
import { translateNeedsVdevice } from './iommufd/translate-needs-vdevice.ts';
import { unmapReportsWhatItTook } from './iommufd/unmap-reports-what-it-took.ts';
import { userAddressesDoNotWrap } from './iommufd/user-addresses-do-not-wrap.ts';
import { veventqCountExact } from './iommufd/veventq-count-exact.ts';
import { veventqReadIsFaithful } from './iommufd/veventq-read-is-faithful.ts';
import { veventsAccounted } from './iommufd/vevents-accounted.ts';
import { vsidOneToOne } from './iommufd/vsid-one-to-one.ts';
import { vsmmusHaveOwnTag } from './iommufd/vsmmus-have-own-tag.ts';
import { waitingEventsAreNotSilent } from './iommufd/waiting-events-are-not-silent.ts';
import { LEGACY_PROPERTIES } from './legacy/index.ts';
import { MSI_PROPERTIES, MSI_WISHES } from './msi/index.ts';
import { flushRepeatsWhatItNames } from './notifiers/flush-repeats-what-it-names.ts';
import { objectCallsAnswerAsDocumented } from './objects/object-calls-answer-as-documented.ts';
import { PAGE_REQUEST_PROPERTIES } from './page-requests/index.ts';
import { PASID_PROPERTIES } from './pasid/index.ts';
import type { Property } from './property.ts';
import { selftestCallsAnswerAsDocumented } from './selftests/selftest-calls-answer-as-documented.ts';
import { DMA_PROPERTIES } from './smmu/index.ts';
import { deviceCallsAnswerAsDocumented } from './vfio/device-calls-answer-as-documented.ts';
import { VSMMU_PROPERTIES, VSMMU_WISHES } from './vmm/index.ts';
import { VTD_PROPERTIES } from './vtd/index.ts';

export type { Property } from './property.ts';

/** Every property, in the order in which reports list them. */
export const PROPERTIES: readonly Property[] = [
  refusedChangesNothing,
  referencesCounted,
  noDanglingReference,
  idsNotReused,
  iovaSpaceDisjoint,
  automaticIovaIsAllowed,
  userAddressesDoNotWrap,
  everyMappingAllowsSomething,
  ioasCallsAnswerAsDocumented,
  objectCallsAnswerAsDocumented,
  deviceCallsAnswerAsDocumented,
  selftestCallsAnswerAsDocumented,
  unmapReportsWhatItTook,
  iovaRangesExact,
  mappedIsWhatWasGiven,
  reservedWhileAttached,
  nestingOnOnePsmmu,
  nestedDeviceIsCoherent,
  translateNeedsVdevice,
  abortAndBypassNeedNoVdevice,
  vsidOneToOne,
  groupOnOneHwpt,
  automaticHwptGoesWithLastAttachment,
  driverMovesAreConsistent,
  detachedIsDetached,
  pasidCompatAgrees,
  pasidAttachIsTaken,
  hwptAllocIsTaken,
  groupPasidAllOrNone,
  failedAnswerUndoesAttach,
  invalidationProgressIsReal,
  invalidationNamesOwnVdevice,
  oneCallIsBounded,
  emptyInvalidationIsProbe,
  reservedFieldsRefused,
  vsmmusHaveOwnTag,
  veventsAccounted,
  veventqCountExact,
  veventqReadIsFaithful,
  waitingEventsAreNotSilent,
  pollTellsWhatWaits,
  guestSeesItsEventsOnly,
  teardownReturnsEverything,
  exitReturnsEverything,
  contextsIndependent,
  contextsAreCounted,
  openFilesAreCounted,
  descriptorCallsAnswerAsDocumented,
  everyCommandIsAnswered,
  dmaCanEndWhereTablesLead,
  ...VSMMU_PROPERTIES,
  ...DMA_PROPERTIES,
  ...PASID_PROPERTIES,
  emulationWalksAsArchitecture,
  architectureWalksAsWritten,
  emulatedStreamIsConfiguredAsWritten,
  emulationInvalidatesWhatItIsTold,
  emulationForgetsWhatItIsTold,
  emulationUsesWhatMayBeCached,
  emulatedEventsReachTheQueue,
  emulatedRegistersTakeEffect,
  emulationStopsAtIllegalCommands,
  emulationGoesOn,
  vtdEmulationWalksAsArchitecture,
  vtdUnitWalksAsWritten,
  vtdFaultsAreRecorded,
  vtdRegistersReadAsWritten,
  vtdQueueIsConsumed,
  vtdEmulationForgetsWhatItIsTold,
  vtdQueueStopsWhenTold,
  ...MSI_PROPERTIES,
  ...VTD_PROPERTIES,
  ...PAGE_REQUEST_PROPERTIES,
  ...LEGACY_PROPERTIES,
  ...ACCESS_PROPERTIES,
  ...PROBE_PROPERTIES,
  flushRepeatsWhatItNames,
];

/** What some designs give and others do not, what was built among them: looked at only by name. */
export const WISHES: readonly Property[] = [...MSI_WISHES, ...VSMMU_WISHES];

/** Everything that can be named. */
export const ALL_PROPERTIES: readonly Property[] = [...PROPERTIES, ...WISHES];
