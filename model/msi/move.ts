import type { MsiMessage } from '../host/msi-message.ts';
import { getOf } from '../iommufd/object-table.ts';
import { placeOfMap } from '../iommufd/sw-msi/place.ts';
import { doorbellOf, MSI_REGISTER } from '../platform/doorbell.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, deviceAt, groupAt, putDevice, type Tx } from '../world/tx.ts';
import type { World } from '../world/world.ts';

/**
 * The host moves an interrupt to another CPU, and so writes the vector's message again. With the address that the vector
 * has kept (msi_desc), that is the same one.
 */
export function moveInterrupt(tx: Tx, args: CommandArgs['moveInterrupt'], actor: string): Result {
  if (actor !== 'host') return refused('EPERM');
  const { platform } = tx.world;
  const device = platform.devices.findIndex(({ id }) => id === args.device);
  if (device < 0) return refused('ENODEV');
  const state = deviceAt(tx, device);
  const message = state.messages[args.vector];
  if (message === undefined || message === null) return refused('EINVAL');
  if (tx.rules.msi.messageKeepsItsAddress || isWhereItWas(tx, device, message)) return done();
  const address = doorbellOf(platform, device, args.vector) | MSI_REGISTER;
  putDevice(tx, device, { ...state, messages: state.messages.with(args.vector, { ...message, address }) });
  return done();
}

/** Whether the domain for which a message was made is there and has the doorbell. */
function isWhereItWas(tx: Tx, device: number, { place, madeFor }: MsiMessage): boolean {
  const { group } = tx.world.platform.devices[device] as World['platform']['devices'][number];
  const ctx = groupAt(tx, group).owner;
  if (place === null || madeFor === null || ctx === null) return true;
  const { msiMaps } = contextAt(tx, ctx);
  const { pageSize } = tx.world.platform.kernel;
  const hwpt = getOf(tx, ctx, madeFor, 'hwptPaging');
  return (
    hwpt?.msiPages.some((id) => {
      const map = msiMaps[id];
      return map !== undefined && placeOfMap(map, pageSize) === place;
    }) ?? false
  );
}
