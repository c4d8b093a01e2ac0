import type { RuleChanges } from '../../../model/rules.ts';

/** A named way in which QEMU's intel-iommu departs from the VT-d specification. */
export interface VtdDeviation {
  readonly name: string;
  readonly kind: 'deviation';
  readonly summary: string;
  readonly source: string;
  readonly rules: Required<Pick<RuleChanges, 'vtdArchitecture'>>;
}

export const RECORDED = 'QEMU 11.1.3, conformance/recordings/qemu-intel-iommu-11.1.3';

export function deviation(
  name: string,
  summary: string,
  source: string,
  rules: Required<Pick<RuleChanges, 'vtdArchitecture'>>,
): VtdDeviation {
  return { name, kind: 'deviation', summary, source: `${RECORDED}; ${source}`, rules };
}
