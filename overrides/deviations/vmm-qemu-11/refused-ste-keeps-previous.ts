import type { Override } from '../../../model/rules.ts';

/** When an STE cannot be installed, the HWPT of the one before it stays attached, and the command queue stops. */
export const refusedSteKeepsPrevious: Override = {
  name: 'refused-ste-keeps-previous',
  kind: 'deviation',
  summary: 'a device whose new STE the kernel refuses goes on translating by the old one',
  source: 'QEMU hw/arm/smmuv3-accel.c: smmuv3_accel_install_ste()',
  rules: { vmm: { refusedSte: 'previous' } },
};
