import type { Override } from '../../model/rules.ts';

/** Devices stop in a later phase of the reset; until then their DMA met an SMMU that was off, which lets everything through. */
export const smmuResetBeforeDevices: Override = {
  name: 'smmu-reset-before-devices',
  kind: 'defect',
  summary: 'a system reset reaches the SMMU while devices still do DMA through it',
  source: 'hw/arm/smmuv3: Move reset to exit phase (QEMU e39e3f8b8d)',
  foundBy: 'emulation-invalidates-what-it-is-told',
  rules: { smmuArchitecture: { resetsLast: false } },
};
