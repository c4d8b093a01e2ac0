import type { Override } from '../../model/rules.ts';
import { attachWithoutCfgi } from './attach-without-cfgi.ts';
import { bootWithoutRegisters } from './boot-without-registers.ts';
import { detachKeepsReference } from './detach-keeps-reference.ts';
import { disableLeavesBypass } from './disable-leaves-bypass.ts';
import { failedPlugLeavesObjects } from './failed-plug-leaves-objects.ts';
import { groupMemberElsewhere } from './group-member-elsewhere.ts';
import { groupOwnerNotExclusive } from './group-owner-not-exclusive.ts';
import { groupPasidNotUndone } from './group-pasid-not-undone.ts';
import { guestStateLeftBehind } from './guest-state-left-behind.ts';
import { LEGACY_MUTANTS } from './legacy/index.ts';
import { lossNotRecorded } from './loss-not-recorded.ts';
import { messageHasPhysicalAddress } from './message-has-physical-address.ts';
import { msiUntranslated } from './msi-untranslated.ts';
import { nsnhAllUnconfined } from './nsnh-all-unconfined.ts';
import { PASID_MUTANTS } from './pasid/index.ts';
import { pasidCompatUnchecked } from './pasid-compat-unchecked.ts';
import { reserveIgnoresUse } from './reserve-ignores-use.ts';
import { resetLetsAttach } from './reset-lets-attach.ts';
import { SMMU_MUTANTS } from './smmu/index.ts';
import { stage2FaultsToGuest } from './stage2-faults-to-guest.ts';
import { tombstoneReused } from './tombstone-reused.ts';
import { translateWithoutVdevice } from './translate-without-vdevice.ts';
import { unisolatedMsiAllowed } from './unisolated-msi-allowed.ts';
import { unmapAsksNobody } from './unmap-asks-nobody.ts';
import { unplugKeepsDeviceOpen } from './unplug-keeps-device-open.ts';
import { vdeviceOnForeignPsmmu } from './vdevice-on-foreign-psmmu.ts';
import { vectorsOutliveFile } from './vectors-outlive-file.ts';
import { virtIdGivenTwice } from './virt-id-given-twice.ts';

/** Rules broken on purpose: for each property that no real bug breaks one that does, and for each step of the driver. None is a claim about a real system. */
export const MUTANTS: readonly Override[] = [
  detachKeepsReference,
  tombstoneReused,
  reserveIgnoresUse,
  vdeviceOnForeignPsmmu,
  translateWithoutVdevice,
  virtIdGivenTwice,
  groupMemberElsewhere,
  lossNotRecorded,
  stage2FaultsToGuest,
  groupOwnerNotExclusive,
  bootWithoutRegisters,
  failedPlugLeavesObjects,
  unplugKeepsDeviceOpen,
  guestStateLeftBehind,
  attachWithoutCfgi,
  nsnhAllUnconfined,
  ...PASID_MUTANTS,
  ...LEGACY_MUTANTS,
  ...SMMU_MUTANTS,
  disableLeavesBypass,
  msiUntranslated,
  messageHasPhysicalAddress,
  vectorsOutliveFile,
  unisolatedMsiAllowed,
  pasidCompatUnchecked,
  groupPasidNotUndone,
  unmapAsksNobody,
  resetLetsAttach,
];
