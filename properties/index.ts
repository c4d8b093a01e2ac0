import { abortAndBypassNeedNoVdevice } from './abort-and-bypass-need-no-vdevice.ts';
import { ACCESS_PROPERTIES } from './accesses/index.ts';
import { automaticHwptGoesWithLastAttachment } from './automatic-hwpt-goes-with-last-attachment.ts';
import { automaticIovaIsAllowed } from './automatic-iova-is-allowed.ts';
import { contextsIndependent } from './contexts-independent.ts';
import { detachedIsDetached } from './detached-is-detached.ts';
import { DMA_PROPERTIES } from './dma.ts';
import { driverMovesAreConsistent } from './driver-moves-are-consistent.ts';
import { emptyInvalidationIsProbe } from './empty-invalidation-is-probe.ts';
import { emulatedEventsReachTheQueue } from './emulated-events-reach-the-queue.ts';
import { emulationInvalidatesWhatItIsTold } from './emulation-invalidates-what-it-is-told.ts';
import { emulationWalksAsArchitecture } from './emulation-walks-as-architecture.ts';
import { everyMappingAllowsSomething } from './every-mapping-allows-something.ts';
import { failedAnswerUndoesAttach } from './failed-answer-undoes-attach.ts';
import { groupOnOneHwpt } from './group-on-one-hwpt.ts';
import { groupPasidAllOrNone } from './group-pasid-all-or-none.ts';
import { guestSeesItsEventsOnly } from './guest-sees-its-events-only.ts';
import { PROBE_PROPERTIES } from './host/index.ts';
import { idsNotReused } from './ids-not-reused.ts';
import { invalidationNamesOwnVdevice } from './invalidation-names-own-vdevice.ts';
import { invalidationProgressIsReal } from './invalidation-progress-is-real.ts';
import { iovaRangesExact } from './iova-ranges-exact.ts';
import { iovaSpaceDisjoint } from './iova-space-disjoint.ts';
import { LEGACY_PROPERTIES } from './legacy/index.ts';
import { MSI_PROPERTIES, MSI_WISHES } from './msi/index.ts';
import { nestedDeviceIsCoherent } from './nested-device-is-coherent.ts';
import { nestingOnOnePsmmu } from './nesting-on-one-psmmu.ts';
import { noDanglingReference } from './no-dangling-reference.ts';
import { oneCallIsBounded } from './one-call-is-bounded.ts';
import { PAGE_REQUEST_PROPERTIES } from './page-requests/index.ts';
import { PASID_PROPERTIES } from './pasid.ts';
import { pasidCompatAgrees } from './pasid-compat-agrees.ts';
import type { Property } from './property.ts';
import { referencesCounted } from './references-counted.ts';
import { refusedChangesNothing } from './refused-changes-nothing.ts';
import { reservedFieldsRefused } from './reserved-fields-refused.ts';
import { reservedWhileAttached } from './reserved-while-attached.ts';
import { teardownReturnsEverything } from './teardown-returns-everything.ts';
import { translateNeedsVdevice } from './translate-needs-vdevice.ts';
import { unmapReportsWhatItTook } from './unmap-reports-what-it-took.ts';
import { userAddressesDoNotWrap } from './user-addresses-do-not-wrap.ts';
import { veventqCountExact } from './veventq-count-exact.ts';
import { veventqReadIsFaithful } from './veventq-read-is-faithful.ts';
import { veventsAccounted } from './vevents-accounted.ts';
import { vsidOneToOne } from './vsid-one-to-one.ts';
import { VSMMU_PROPERTIES } from './vsmmu.ts';
import { vsmmusHaveOwnTag } from './vsmmus-have-own-tag.ts';
import { VTD_PROPERTIES } from './vtd.ts';
import { waitingEventsAreNotSilent } from './waiting-events-are-not-silent.ts';

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
  unmapReportsWhatItTook,
  iovaRangesExact,
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
  guestSeesItsEventsOnly,
  teardownReturnsEverything,
  contextsIndependent,
  ...VSMMU_PROPERTIES,
  ...DMA_PROPERTIES,
  ...PASID_PROPERTIES,
  emulationWalksAsArchitecture,
  emulationInvalidatesWhatItIsTold,
  emulatedEventsReachTheQueue,
  ...MSI_PROPERTIES,
  ...VTD_PROPERTIES,
  ...PAGE_REQUEST_PROPERTIES,
  ...LEGACY_PROPERTIES,
  ...ACCESS_PROPERTIES,
  ...PROBE_PROPERTIES,
];

/** What some designs give and others do not, what was built among them: looked at only by name. */
export const WISHES: readonly Property[] = MSI_WISHES;

/** Everything that can be named. */
export const ALL_PROPERTIES: readonly Property[] = [...PROPERTIES, ...WISHES];
