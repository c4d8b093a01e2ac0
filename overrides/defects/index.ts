import type { Override } from '../../model/rules.ts';

/** Real bugs, fixed upstream, each as the smallest change of a rule that brings it back. */
export const DEFECTS: readonly Override[] = [];
