import type { Override } from '../model/rules.ts';
import { DESIGN_AXES } from './axes.ts';
import { DEFECTS } from './defects/index.ts';
import { linux72 } from './deviations/linux-7.2.ts';
import { OPENVMM_WALKER } from './deviations/smmu-openvmm/index.ts';
import { smmuQemu11Deviations } from './deviations/smmu-qemu-11.ts';
import { vmmCloudHypervisor } from './deviations/vmm-cloud-hypervisor/index.ts';
import { vmmOpenvmm } from './deviations/vmm-openvmm/index.ts';
import { vmmQemu11 } from './deviations/vmm-qemu-11/index.ts';
import { vtdQemu11Deviations } from './deviations/vtd-qemu-11/index.ts';
import { MUTANTS } from './mutants/index.ts';

export { type Axis, type AxisValue, DESIGN_AXES } from './axes.ts';
export { DEFECTS } from './defects/index.ts';
export { type Design, resolveDesign } from './design.ts';
export { MUTANTS } from './mutants/index.ts';

/** Deviations of real systems from their documented interface. */
export const DEVIATIONS: readonly Override[] = [
  ...new Set([
    ...linux72,
    ...smmuQemu11Deviations,
    ...vtdQemu11Deviations,
    ...OPENVMM_WALKER,
    ...vmmQemu11,
    ...vmmOpenvmm,
    ...vmmCloudHypervisor,
  ]),
].filter(({ kind }) => kind === 'deviation');

/** Every override there is. */
export const OVERRIDES: readonly Override[] = [
  ...DESIGN_AXES.flatMap((axis) => axis.values.flatMap((value) => value.overrides)).filter(
    (override) => override.kind === 'design',
  ),
  ...DEVIATIONS,
  ...DEFECTS,
  ...MUTANTS,
];
