import type { MsiMessage } from '../../model/host/msi-message.ts';
import { placeOfMap } from '../../model/iommufd/sw-msi/place.ts';
import { doorbellPages, itsOf } from '../../model/platform/doorbell.ts';
import type { World } from '../../model/world/world.ts';
import { hex, pagingOf } from '../look.ts';
import type { StateProperty } from '../property.ts';
import { hasTranslatedVectors } from './platforms.ts';

/** Calls back for every message whose doorbell the kernel placed, of every device whose group is on an HWPT. */
function firstMessage(
  world: World,
  look: (message: MsiMessage, device: number, ctx: number, hwpt: number) => string | null,
): string | null {
  for (const [device, { messages }] of world.devices.entries()) {
    const domain = world.groups[world.platform.devices[device]?.group ?? -1]?.domain;
    if (domain?.kind !== 'hwpt') continue;
    for (const message of messages) {
      const found =
        message === null || message.place === null ? null : look(message, device, domain.ctx, domain.hwpt);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Whether the domain has a doorbell of the device's ITS, and nothing else, where the message goes. */
function arrives(world: World, { address }: MsiMessage, device: number, ctx: number, hwpt: number): boolean {
  const context = world.contexts[ctx] ?? null;
  const { pageSize } = world.platform.kernel;
  const its = itsOf(world.platform, device);
  const page = address - (address % pageSize);
  const there = (context === null ? null : pagingOf(context, hwpt))?.msiPages.flatMap((id) => {
    const map = context?.msiMaps[id];
    return map !== undefined && placeOfMap(map, pageSize) === page ? [map.doorbell] : [];
  });
  const size = BigInt(doorbellPages(its)) * pageSize;
  return (
    there !== undefined &&
    there.length > 0 &&
    there.every((doorbell) => doorbell >= its.doorbell && doorbell < its.doorbell + size)
  );
}

export const msiKeepsWorking: StateProperty = {
  id: 'msi-keeps-working',
  sentence:
    'While a device is attached, each of its messages leads to a doorbell of its own ITS, whatever was attached, replaced or plugged since the vector was enabled.',
  source: 'Documentation/driver-api/vfio.rst; iommufd_sw_msi(), iommufd_group_setup_msi()',
  kind: 'state',
  appliesTo: hasTranslatedVectors,
  brokenBy: 'doorbell-lost-on-replace',
  violated: (world) =>
    firstMessage(world, (message, device, ctx, hwpt) => {
      // Addresses of a guest's own are for its stage 1 to translate.
      const own = message.place ?? 0n;
      const asked = world.devices[device]?.told == null ? message : { ...message, address: own };
      if (arrives(world, asked, device, ctx, hwpt)) return null;
      const { id } = world.platform.devices[device] as { id: string };
      return `${id} writes its MSIs to ${hex(message.address)}, where HWPT ${hwpt} has no doorbell of its ITS alone`;
    }),
  witness: (world) => firstMessage(world, () => 'one') !== null,
};
