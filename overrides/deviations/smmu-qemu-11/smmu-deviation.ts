import type { RuleChanges } from '../../../model/rules.ts';

/** A named way in which an emulated SMMUv3 departs from the architecture. */
export interface SmmuDeviation {
  readonly name: string;
  readonly kind: 'deviation';
  readonly summary: string;
  readonly source: string;
  readonly rules: Required<Pick<RuleChanges, 'smmuArchitecture'>>;
}
