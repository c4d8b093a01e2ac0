import type { Override } from '../../../model/rules.ts';

/**
 * With each vector the VMM forwards what the guest wrote, and tells where its machine has the doorbell. The kernel puts the
 * guest's address into the message, keeps its own data, and maps the doorbell at the place that it was told when the vector
 * is switched on.
 */
export const forwardedGiova: Override = {
  name: 'forwarded-giova',
  kind: 'design',
  summary:
    "the guest's own address goes into the message with VFIO_IRQ_SET; the kernel maps the doorbell behind it",
  source:
    'seed 004, Nicolin Chen: "we need a way to forward the gIOVA to kernel and pack it into the msi_msg structure"',
  rules: { msi: { doorbellPlace: 'told', messageHasGuestAddress: true } },
};
