import type { IdRegisterValues } from '../smmuv3/id-registers.ts';
import { allows, type FieldRule, fieldOf, nameOf } from './field-rule.ts';
import { FIELD_RULES } from './fields.ts';

/** A field in which a vSMMU promises what the pSMMU cannot keep. */
export interface Misfit {
  readonly rule: FieldRule;
  readonly guest: number;
  readonly host: number;
}

/**
 * Whether a vSMMU with these registers may stand in front of a pSMMU with those: the offending fields in the order
 * of the registers; none: it fits.
 */
export function fits(vsmmu: IdRegisterValues, psmmu: IdRegisterValues): readonly Misfit[] {
  const misfits: Misfit[] = [];
  for (const rule of FIELD_RULES) {
    const guest = fieldOf(vsmmu, rule);
    const host = fieldOf(psmmu, rule);
    if (!allows(rule, guest, host)) misfits.push({ rule, guest, host });
  }
  return misfits;
}

/** `IDR5.OAS=4 (the pSMMU: 2)` */
export function misfitText({ rule, guest, host }: Misfit): string {
  return `${nameOf(rule)}=${guest} (the pSMMU: ${host})`;
}
