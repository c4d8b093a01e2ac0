import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Implementation, implementationOf } from '../../../../model/smmu/architecture/implementation.ts';
import { translateThroughSte } from '../../../../model/smmu/architecture/translate.ts';
import { decode, update } from '../../../../spec/bits.ts';
import { cd } from '../../../../spec/smmuv3/cd.ts';
import { idr0, StallModel } from '../../../../spec/smmuv3/id-registers.ts';
import { ste } from '../../../../spec/smmuv3/ste.ts';
import { SCOPES } from '../../../../workload/scopes/index.ts';
import { REGISTERS } from '../machine.ts';
import { anyConfiguration, type Configuration } from '../qemu/random-configuration.ts';

/*
 * A guest owns CD.S and STE.S1STALLD. A transaction that stalls holds resources of the pSMMU until software resumes it, so
 * that a guest could keep others from using it. The machines here do not stall (IDR0.STALL_MODEL = 0b01), and then no entry
 * makes them: an abstract machine on them needs no stalled transactions. `stalling` is about which entries are legal where every
 * stage must stall; a transaction that waits counts there as the one that the host terminates.
 */

function implementing(model: number): Implementation {
  const [value = 0n] = update(idr0, [BigInt(REGISTERS.IDR0)], { STALL_MODEL: model });
  return implementationOf({ ...REGISTERS, IDR0: Number(value) });
}

/** The configuration with every bit that asks for a stall set, or with none. */
function asking({ ste: words, read, accesses }: Configuration, stalls: boolean) {
  const S = stalls ? 1 : 0;
  const entry = update(ste, words, { S2S: S });
  const cdWord0 = update(cd, [0n], { S })[0] ?? 0n;
  return {
    entry,
    accesses,
    // Every eighth block of 64 bytes is a CD: see random-configuration.ts.
    read: (address: bigint) => {
      const word = read(address);
      return word !== undefined && (address & 0x1ffn) === 0x140n ? word | cdWord0 : word;
    },
  };
}

function responses(implementation: Implementation, runs: number): Set<string> {
  const seen = new Set<string>();
  const property = fc.property(anyConfiguration, fc.boolean(), (configuration, stalls) => {
    const { entry, accesses, read } = asking(configuration, stalls);
    for (const access of accesses) {
      const outcome = translateThroughSte(entry, access, implementation, read);
      seen.add('response' in outcome ? outcome.response : outcome.kind);
    }
  });
  fc.assert(property, { numRuns: runs });
  return seen;
}

describe('whatever a guest writes, a transaction', () => {
  it('never stalls on an SMMU that does not', () => {
    const seen = responses(implementing(StallModel.NoStall), 300);
    expect(seen).toContain('abort');
    expect(seen).not.toContain('stall');
  });

  it('may stall on one that can', () => {
    expect(responses(implementing(StallModel.StallOrTerminate), 300)).toContain('stall');
  });

  it('finds one that does not on every platform but the one that is about entries alone', () => {
    const models = SCOPES.filter(({ name }) => name !== 'stalling')
      .flatMap(({ platform }) => platform.iommus)
      .filter(({ kind }) => kind === 'smmuv3')
      .map(({ idr: [value = 0] }) => decode(idr0, [BigInt(value)]).STALL_MODEL);
    expect(new Set(models)).toEqual(new Set([StallModel.NoStall]));
  });
});
