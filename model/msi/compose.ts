import type { Errno } from '../../spec/errno.ts';
import type { MsiMessage } from '../host/msi-message.ts';
import { igroupOf } from '../iommufd/group.ts';
import { pagingUnder, swMsi } from '../iommufd/sw-msi/sw-msi.ts';
import { doorbellOf, hostData, itsOf, MSI_REGISTER } from '../platform/doorbell.ts';
import type { Binding } from '../world/process.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';

/** Makes the messages of the first vectors of a device, and maps what they need. */
export function composeMessages(
  tx: Tx,
  device: number,
  binding: Binding,
  count: number,
): readonly (MsiMessage | null)[] | Errno {
  const before = tx.world;
  const state = deviceAt(tx, device);
  const lostEvents = (state.lostEvents ?? 0) + count;
  const { msiVectors } = tx.world.platform.devices[device] as { readonly msiVectors: number };
  if (lostEvents > msiVectors && lostEvents > count) return 'ENOSPC';
  const messages = placed(tx, device, binding, count);
  if (typeof messages !== 'string' || !tx.rules.msi.failedMessageLosesEvent) return messages;
  tx.world = before;
  putDevice(tx, device, { ...state, lostEvents });
  tx.keep = true;
  return messages;
}

function placed(
  tx: Tx,
  device: number,
  binding: Binding,
  count: number,
): readonly (MsiMessage | null)[] | Errno {
  if (hasNoPlace(tx, device, binding)) return 'ENOSPC';
  const messages: (MsiMessage | null)[] = [];
  for (let vector = 0; vector < count; vector++) {
    const place = swMsi(tx, binding.ctx, device, doorbellOf(tx.world.platform, device, vector));
    const message = typeof place === 'string' ? place : messageOf(tx, device, binding, vector, place);
    if (typeof message === 'string') return message;
    messages.push(message);
  }
  return messages;
}

/** A blocked domain has no place for a doorbell, so that no interrupt can be had (iommu_dma_prepare_msi()). */
function hasNoPlace(tx: Tx, device: number, { ctx }: Binding): boolean {
  const { platform } = tx.world;
  const placed = tx.rules.msi.doorbellPlace;
  if (itsOf(platform, device).untranslated === true || (placed !== 'window' && placed !== 'cookie'))
    return false;
  const { group } = platform.devices[device] as { readonly group: number };
  return igroupOf(tx, ctx, group).attach === null;
}

/**
 * What a vector is programmed with once its doorbell has its place: that, or the guest's own address where that is the
 * design; the doorbell's physical address where nobody translates the write. Null: the guest has given this vector no
 * address; EINVAL: it has given none at all.
 */
export function messageOf(
  tx: Tx,
  device: number,
  { ctx }: Binding,
  vector: number,
  place: bigint | null,
): MsiMessage | null | Errno {
  const { platform } = tx.world;
  const { told } = deviceAt(tx, device);
  const { group } = platform.devices[device] as { readonly group: number };
  const { attach } = igroupOf(tx, ctx, group);
  const ofGuest = tx.rules.msi.messageHasGuestAddress && itsOf(platform, device).untranslated !== true;
  const guest = told?.addresses[vector] ?? null;
  if (ofGuest && guest === null) return told === null ? 'EINVAL' : null;
  const known = tx.rules.msi.messageHasPlace ? place : null;
  const own = (known ?? doorbellOf(platform, device, vector)) | MSI_REGISTER;
  const data = hostData(device, vector);
  return {
    address: ofGuest && guest !== null ? guest : own,
    data: tx.rules.msi.messageHasHostData ? data : (told?.data[vector] ?? data),
    place,
    madeFor: attach === null ? null : pagingUnder(tx, ctx, attach.hwpt),
  };
}
