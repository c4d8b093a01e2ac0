import type { Rules } from '../model/rules.ts';

/** Why another answer of a decision point violates no property and contradicts no recording. */
export const SURVIVORS: { readonly [Point in keyof Rules]?: string } = {};
