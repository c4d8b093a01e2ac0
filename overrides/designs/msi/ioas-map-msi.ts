import type { Override } from '../../../model/rules.ts';

/**
 * The VMM maps each device's doorbell where its machine has the virtual ITS; the kernel finds the physical page by the
 * device. What the guest programs goes into the message, with the host's data.
 */
export const ioasMapMsi: Override = {
  name: 'ioas-map-msi',
  kind: 'design',
  summary:
    'IOAS_MAP_MSI(device, IOVA): a mapping that the VMM asks for, to what the kernel finds by the device',
  source:
    'seed 004, Robin Murphy: "something like an IOAS_MAP_MSI(device, IOVA) … the kernel resolves the PA from the IRQ layer and maps it, job done"',
  rules: { msi: { doorbellPlace: 'asked-for', messageHasGuestAddress: true } },
};
