import { describe, expect, it } from 'vitest';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../../../model/smmu/architecture/implementation.ts';
import { smmuArchitectureIntended } from '../../../../model/smmu/architecture/rules.ts';
import { type History, NO_HISTORY } from '../../../../model/smmu/permitted/history.ts';
import { permittedOutcomes } from '../../../../model/smmu/permitted/outcomes.ts';
import type { Setting } from '../../../../model/smmu/permitted/setting.ts';
import { encode } from '../../../../spec/bits.ts';
import { cd } from '../../../../spec/smmuv3/cd.ts';
import { type CommandFields, decodeCommand, encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { CD, describeOutcome, Machine, S1_PAGE, SID } from '../machine.ts';

const VA = 0x1234_5000n;
const PAGE = 0x4100_0000n;
const OTHER = 9;
const OTHER_CD = 0x4050_0000n;
const EMPTY_TABLE = 0x4060_0000n;
const NOT_GLOBAL = 1n << 11n;

const REACHES = 'PA 0x41000000';
const FAULTS = 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0';

/**
 * What may become of a read by a stream that maps nothing, under ASID 6 or another, beside one that maps it under ASID 5 by
 * this descriptor, which was cleared since.
 */
function permitted(descriptor: bigint, asid: number, flushes: History['flushes']): readonly string[] {
  const machine = new Machine(SteConfig.S1Trans).s1(VA, PAGE | descriptor);
  machine.store(OTHER_CD, encode(cd, { ...CD, ASID: asid, TTB0: EMPTY_TABLE }));
  const entry = (S1ContextPtr: bigint) => encode(ste, { ...machine.ste, S1ContextPtr });
  const slot = [...machine.memory].find(([, word]) => word === (PAGE | descriptor))?.[0] ?? 0n;
  machine.store(slot, [0n]);
  const words = { entry: { until: 1, address: slot, before: PAGE | descriptor }, older: null };
  const setting: Setting = {
    smmu: 0,
    implementation: implementationOf(machine.registers),
    history: { ...NO_HISTORY, now: 2, words, flushes },
    read: machine.read,
    streamTable: { [SID]: entry(machine.ste.S1ContextPtr ?? 0n), [OTHER]: entry(OTHER_CD) },
    rules: smmuArchitectureIntended,
    pageOf: () => null,
  };
  return permittedOutcomes(setting, dataAccess(OTHER, VA, 'read')).map((outcome) => describeOutcome(outcome));
}

function flushed(
  name: 'TLBI_NH_ASID' | 'TLBI_NH_VA' | 'TLBI_NH_ALL',
  fields: Partial<CommandFields<'TLBI_NH_VA'>>,
): History['flushes'] {
  const command = decodeCommand(encodeCommand(name, fields));
  return command === undefined ? null : { entry: { at: 2, smmu: 0, command, ranges: true }, older: null };
}

describe('a translation that another stream may have left in the TLB', () => {
  it.each([
    ['serves its own ASID', NOT_GLOBAL, 5, null, [FAULTS, REACHES]],
    ['serves no other ASID', NOT_GLOBAL, 6, null, [FAULTS]],
    ['serves every ASID where it is global', 0n, 6, null, [FAULTS, REACHES]],
    ['is taken away by its ASID', NOT_GLOBAL, 5, flushed('TLBI_NH_ASID', { ASID: 5 }), [FAULTS]],
    ['is not where it is global', 0n, 5, flushed('TLBI_NH_ASID', { ASID: 5 }), [FAULTS, REACHES]],
    [
      'is by its address under any ASID where it is global',
      0n,
      5,
      flushed('TLBI_NH_VA', { ASID: 7, Address: VA }),
      [FAULTS],
    ],
    ['is by TLBI_NH_ALL', 0n, 6, flushed('TLBI_NH_ALL', {}), [FAULTS]],
  ])('%s', (_what, bits, asid, flushes, outcomes) => {
    expect([...permitted(S1_PAGE | bits, asid, flushes)].sort()).toEqual(outcomes);
  });
});
