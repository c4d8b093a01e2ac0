import type { MsiMessage, MsiTold } from '../host/msi-message.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';
import { messageOf } from './compose.ts';

const NOTHING_TOLD: MsiTold = Object.freeze({ ipa: 0n, addresses: [], data: [] });

/**
 * VFIO_IRQ_SET_ACTION_PREPARE: the VMM forwards what the guest wrote into a vector, and tells where the guest's machine
 * has the doorbell. A vector that is on is programmed anew. ENOTTY where the kernel takes no address from a guest.
 */
export function prepareMsi(
  tx: Tx,
  device: number,
  binding: Binding,
  { vector, ipa, address, value }: CommandArgs['vfioPrepareMsi'],
): Result {
  if (!tx.rules.msi.messageHasGuestAddress) return refused('ENOTTY');
  const { devices, kernel } = tx.world.platform;
  if (vector >= (devices[device]?.msiVectors ?? 0) || ipa % kernel.pageSize !== 0n) return refused('EINVAL');
  const state = deviceAt(tx, device);
  const { addresses, data } = state.told ?? NOTHING_TOLD;
  const told: MsiTold = {
    ipa,
    addresses: put(addresses, vector, address, null),
    data: put(data, vector, value, 0),
  };
  putDevice(tx, device, { ...state, told });
  if (vector >= state.messages.length) return done();
  const anew = messageOf(tx, device, binding, vector, placeOf(state.messages));
  if (typeof anew === 'string') return refused(anew);
  putDevice(tx, device, { ...deviceAt(tx, device), messages: state.messages.with(vector, anew) });
  return done();
}

/** Where the kernel has the device's doorbell: it was told one place for all vectors. */
function placeOf(messages: readonly (MsiMessage | null)[]): bigint | null {
  return messages.find((message) => message !== null)?.place ?? null;
}

/** A list with one element replaced; it grows as needed. */
function put<T>(list: readonly T[], index: number, value: T, filler: T): readonly T[] {
  const copy = list.slice();
  while (copy.length <= index) copy.push(filler);
  copy[index] = value;
  return copy;
}
