import { type VtdArchitectureRules, vtdArchitectureIntended } from '../../../model/vtd/architecture/rules.ts';
import { cacheDeviations } from './caches.ts';
import { entryDeviations } from './entries.ts';
import { faultDeviations } from './faults.ts';
import { queueDeviations } from './queue.ts';
import type { VtdDeviation } from './vtd-deviation.ts';
import { walkDeviations } from './walks.ts';

export type { VtdDeviation } from './vtd-deviation.ts';

/** Every known departure of QEMU 11's intel-iommu from the specification. */
export const vtdQemu11Deviations: readonly VtdDeviation[] = [
  ...faultDeviations,
  ...entryDeviations,
  ...walkDeviations,
  ...cacheDeviations,
  ...queueDeviations,
];

/** The specification's rules with these deviations put over them. */
export function withVtdDeviations(deviations: readonly VtdDeviation[]): VtdArchitectureRules {
  return Object.assign({}, vtdArchitectureIntended, ...deviations.map(({ rules }) => rules.vtdArchitecture));
}

/** The rules of QEMU 11's intel-iommu. */
export const vtdQemu11: VtdArchitectureRules = withVtdDeviations(vtdQemu11Deviations);
