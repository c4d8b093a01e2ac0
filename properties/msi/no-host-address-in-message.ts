import type { MsiMessage } from '../../model/host/msi-message.ts';
import { doorbellOf } from '../../model/platform/doorbell.ts';
import type { World } from '../../model/world/world.ts';
import { hex, objectOf } from '../look.ts';
import type { StateProperty } from '../property.ts';
import { followsInterrupts } from './platforms.ts';

/** Calls back for every message of every device that is under a guest's stage 1. */
function firstNested(
  world: World,
  look: (message: MsiMessage, device: number, vector: number) => string | null,
) {
  for (const [device, { messages }] of world.devices.entries()) {
    const { group = -1, its = -1 } = world.platform.devices[device] ?? {};
    const domain = world.groups[group]?.domain;
    if (domain?.kind !== 'hwpt' || world.platform.its[its]?.untranslated === true) continue;
    const context = world.contexts[domain.ctx] ?? null;
    if (context === null || objectOf(context, domain.hwpt, 'hwptNested') === null) continue;
    for (const [vector, message] of messages.entries()) {
      const found = message === null ? null : look(message, device, vector);
      if (found !== null) return found;
    }
  }
  return null;
}

export const noHostAddressInMessage: StateProperty = {
  id: 'no-host-address-in-message',
  sentence:
    "No device behind a guest's stage 1 is programmed with the physical address of a doorbell, since a fault would show it to the guest.",
  source: 'IHI0070 7.3.13 (InputAddr); iommufd_sw_msi()',
  kind: 'state',
  appliesTo: followsInterrupts,
  brokenBy: 'message-has-physical-address',
  violated: (world) =>
    firstNested(world, ({ address }, device, vector) => {
      const { pageSize } = world.platform.kernel;
      const own = doorbellOf(world.platform, device, vector);
      const isGuests = world.devices[device]?.told?.addresses[vector] === address;
      if (isGuests || address - (address % pageSize) !== own) return null;
      return `${world.platform.devices[device]?.id} is programmed with ${hex(address)}, its doorbell's physical address`;
    }),
  witness: (world) => firstNested(world, () => 'one') !== null,
};
