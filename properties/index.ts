import { abortAndBypassNeedNoVdevice } from './abort-and-bypass-need-no-vdevice.ts';
import { automaticIovaIsAllowed } from './automatic-iova-is-allowed.ts';
import { contextsIndependent } from './contexts-independent.ts';
import { DMA_PROPERTIES } from './dma.ts';
import { emptyInvalidationIsProbe } from './empty-invalidation-is-probe.ts';
import { groupOnOneHwpt } from './group-on-one-hwpt.ts';
import { guestSeesItsEventsOnly } from './guest-sees-its-events-only.ts';
import { idsNotReused } from './ids-not-reused.ts';
import { invalidationProgressIsReal } from './invalidation-progress-is-real.ts';
import { iovaRangesExact } from './iova-ranges-exact.ts';
import { iovaSpaceDisjoint } from './iova-space-disjoint.ts';
import { nestingOnOnePsmmu } from './nesting-on-one-psmmu.ts';
import { noDanglingReference } from './no-dangling-reference.ts';
import type { Property } from './property.ts';
import { referencesCounted } from './references-counted.ts';
import { refusedChangesNothing } from './refused-changes-nothing.ts';
import { reservedFieldsRefused } from './reserved-fields-refused.ts';
import { reservedWhileAttached } from './reserved-while-attached.ts';
import { teardownReturnsEverything } from './teardown-returns-everything.ts';
import { translateNeedsVdevice } from './translate-needs-vdevice.ts';
import { veventqCountExact } from './veventq-count-exact.ts';
import { veventsAccounted } from './vevents-accounted.ts';
import { vsidOneToOne } from './vsid-one-to-one.ts';
import { VSMMU_PROPERTIES } from './vsmmu.ts';
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
  ...VSMMU_PROPERTIES,
  ...DMA_PROPERTIES,
];
