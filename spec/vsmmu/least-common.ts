import { decode, encode } from '../bits.ts';
import { type IdRegisterName, type IdRegisterValues, idRegisters } from '../smmuv3/id-registers.ts';
import { type FieldRule, fieldOf, setOf } from './field-rule.ts';
import { FIELD_RULES } from './fields.ts';

/**
 * The most that a vSMMU may promise in front of every one of these pSMMUs, by the same table that `fits` goes by.
 * What no pSMMU decides is as in `emulated`. Of one pSMMU: what a vSMMU inherits from it.
 */
export function leastCommon(
  psmmus: readonly IdRegisterValues[],
  emulated: IdRegisterValues,
): IdRegisterValues {
  const values = { ...emulated };
  for (const register of Object.keys(idRegisters) as IdRegisterName[]) {
    const of = idRegisters[register];
    const record: Record<string, number | bigint> = { ...decode(of, [BigInt(emulated[register])]) };
    for (const rule of FIELD_RULES) {
      if (rule.register !== register) continue;
      const hosts = psmmus.map((psmmu) => fieldOf(psmmu, rule));
      record[rule.field] = common(rule, hosts, Number(record[rule.field] ?? 0));
    }
    // The record has the layout's own fields only.
    values[register] = Number(encode(of, record as never)[0] ?? 0n);
  }
  return values;
}

function common(rule: FieldRule, hosts: readonly number[], emulated: number): number {
  switch (rule.compare) {
    case 'equal':
      return hosts[0] ?? emulated;
    case 'at-most':
      return hosts.length === 0 ? emulated : Math.min(...hosts);
    case 'subset': {
      if (hosts.length === 0) return emulated;
      const all = hosts.reduce((left, host) => left & setOf(rule, host), ~0);
      return valueOfSet(rule, all) ?? emulated;
    }
    case 'must-be-zero':
      return 0;
    case 'emulated':
    case 'not-comparable':
      return emulated;
  }
}

/** The value that stands for exactly this set; null where the field has none. */
function valueOfSet(rule: FieldRule, set: number): number | null {
  if (rule.sets === undefined) return set;
  const found = Object.entries(rule.sets).find(([, each]) => each === set);
  return found === undefined ? null : Number(found[0]);
}
