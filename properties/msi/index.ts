import type { Property } from '../property.ts';
import { enabledVectorHasPlace } from './enabled-vector-has-place.ts';
import { enablingIsNeverRefused } from './enabling-is-never-refused.ts';
import { intxByMsiIsDelivered } from './intx-by-msi-is-delivered.ts';
import { memoryHasOneStage2 } from './memory-has-one-stage-2.ts';
import { msiKeepsWorking } from './msi-keeps-working.ts';
import { msiReachesNothingElse } from './msi-reaches-nothing-else.ts';
import { msiReachesOwnDoorbell } from './msi-reaches-own-doorbell.ts';
import { noDoorbellOutlivesItsUser } from './no-doorbell-outlives-its-user.ts';
import { noHostAddressInMessage } from './no-host-address-in-message.ts';
import { noRamBehindDoorbell } from './no-ram-behind-doorbell.ts';
import { onePagePerDoorbell } from './one-page-per-doorbell.ts';
import { onlyDevicesWriteDoorbells } from './only-devices-write-doorbells.ts';
import { refusedMessageTakesNothing } from './refused-message-takes-nothing.ts';
import { secondItsWorksOrEexist } from './second-its-works-or-eexist.ts';
import { smallVitsLosesNothing } from './small-vits-loses-nothing.ts';
import { unmappedDoorbellFaultsToGuest } from './unmapped-doorbell-faults-to-guest.ts';
import { untranslatedMsiCanBeNested } from './untranslated-msi-can-be-nested.ts';
import { whatIsReservedIsUsed } from './what-is-reserved-is-used.ts';
import { anyMemoryLayout } from './wish-any-memory-layout.ts';
import { doorbellIsAskedFor } from './wish-doorbell-is-asked-for.ts';

/** What holds of MSIs, in the order in which reports list it. */
export const MSI_PROPERTIES: readonly Property[] = [
  msiReachesOwnDoorbell,
  msiReachesNothingElse,
  noRamBehindDoorbell,
  msiKeepsWorking,
  onePagePerDoorbell,
  secondItsWorksOrEexist,
  smallVitsLosesNothing,
  whatIsReservedIsUsed,
  noDoorbellOutlivesItsUser,
  unmappedDoorbellFaultsToGuest,
  noHostAddressInMessage,
  intxByMsiIsDelivered,
  enablingIsNeverRefused,
  untranslatedMsiCanBeNested,
  onlyDevicesWriteDoorbells,
  memoryHasOneStage2,
  enabledVectorHasPlace,
  refusedMessageTakesNothing,
];

/** What some designs give and what was built does not: looked at by name, and in the comparison of designs. */
export const MSI_WISHES: readonly Property[] = [anyMemoryLayout, doorbellIsAskedFor];
