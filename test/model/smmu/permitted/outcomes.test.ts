import { describe, expect, it } from 'vitest';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../../../model/smmu/architecture/implementation.ts';
import { smmuArchitectureIntended } from '../../../../model/smmu/architecture/rules.ts';
import { NO_HISTORY } from '../../../../model/smmu/permitted/history.ts';
import { permittedOutcomes } from '../../../../model/smmu/permitted/outcomes.ts';
import { encode } from '../../../../spec/bits.ts';
import { SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { describeOutcome, Machine, SID } from '../machine.ts';

/** What may become of a read, where nothing was ever otherwise than it is. */
function permitted(machine: Machine, address: bigint): readonly string[] {
  const setting = {
    smmu: 0,
    implementation: implementationOf(machine.registers),
    history: NO_HISTORY,
    read: machine.read,
    streamTable: { [SID]: encode(ste, machine.ste) },
    rules: smmuArchitectureIntended,
    pageOf: () => null,
  };
  return permittedOutcomes(setting, dataAccess(SID, address, 'read')).map((outcome) =>
    describeOutcome(outcome),
  );
}

describe('where nothing has changed, one outcome is permitted:', () => {
  it('the same address for a stream that is bypassed', () => {
    expect(permitted(new Machine(SteConfig.Bypass), 0x1234_5678n)).toEqual(['PA 0x12345678']);
  });

  it('the fault of the CD, if stage 2 does not map it', () => {
    const [outcome, ...others] = permitted(new Machine(SteConfig.Nested), 0x1234_5000n);
    expect(outcome).toMatch(/^F_TRANSLATION S2=1 CLASS=CD /);
    expect(others).toEqual([]);
  });
});
