import type { BitField, BitFields } from '../bits.ts';
import { type IdRegisterName, type IdRegisterValues, idRegisters } from '../smmuv3/id-registers.ts';

/**
 * How what a vSMMU advertises in a field must relate to what the pSMMU behind it has.
 *
 * - `equal`: the same value.
 * - `at-most`: a number no larger than the pSMMU's.
 * - `subset`: the value stands for a set of things that work; each must work on the pSMMU (see `FieldRule.sets`).
 * - `must-be-zero`: a nested vSMMU has no such feature, whatever the pSMMU has.
 * - `emulated`: the VMM does it all; the pSMMU's value says nothing.
 * - `not-comparable`: the field identifies; no order on its values means anything.
 */
export type Comparison = 'equal' | 'at-most' | 'subset' | 'must-be-zero' | 'emulated' | 'not-comparable';

/** One line of the table: a field and how it compares. */
export interface FieldRule {
  readonly register: IdRegisterName;
  readonly field: string;
  readonly compare: Comparison;
  /** With `subset`: what each value stands for, as a bit mask. Without, a value is its own mask. */
  readonly sets?: Readonly<Record<number, number>>;
  /** Whether linux/iommufd.h (struct iommu_hw_info_arm_smmuv3) lets a VMM rely on the pSMMU's field. */
  readonly inHwInfo: boolean;
  /** Why it compares so, and where that is from. */
  readonly source: string;
}

/** `IDR5.OAS` */
export function nameOf({ register, field }: Pick<FieldRule, 'register' | 'field'>): string {
  return `${register}.${field}`;
}

/** The value of a field in a set of ID registers. */
export function fieldOf(
  registers: IdRegisterValues,
  { register, field }: Pick<FieldRule, 'register' | 'field'>,
): number {
  const { lsb, width } = (idRegisters[register].fields as BitFields)[field] as BitField;
  return (registers[register] >>> lsb) & (2 ** width - 1);
}

/** The set that a value of a `subset` field stands for. */
export function setOf(rule: FieldRule, value: number): number {
  return rule.sets === undefined ? value : (rule.sets[value] ?? 0);
}

/** Whether a vSMMU may advertise `guest` in front of a pSMMU that has `host`. */
export function allows(rule: FieldRule, guest: number, host: number): boolean {
  switch (rule.compare) {
    case 'equal':
      return guest === host;
    case 'at-most':
      return guest <= host;
    case 'subset':
      return (setOf(rule, guest) & ~setOf(rule, host)) === 0;
    case 'must-be-zero':
      return guest === 0;
    case 'emulated':
    case 'not-comparable':
      return true;
  }
}
