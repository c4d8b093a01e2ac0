import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IommuHardware } from '../../../../model/platform/platform.ts';
import { smmuArchitectureIntended } from '../../../../model/smmu/architecture/rules.ts';
import { decodeSte } from '../../../../model/smmu/architecture/ste.ts';
import { isHitless, updateEntry } from '../../../../model/smmu/driver/entry-update.ts';
import { ABORT_STE, nestedSte, stage1Ste, stage2Ste } from '../../../../model/smmu/driver/ste.ts';
import { STE_FORMAT } from '../../../../model/smmu/driver/ste-format.ts';
import { implementationFor } from '../../../../model/smmu/machine/streams.ts';
import type { Words } from '../../../../model/world/command.ts';
import { encode } from '../../../../spec/bits.ts';
import { Eats, S1Dss, type Ste, SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { guestDma } from '../../../../workload/scopes/guest-dma.ts';

const hardware = guestDma.platform.iommus[0] as IommuHardware;
const behaviour = (words: Words) => decodeSte(words, implementationFor(hardware), smmuArchitectureIntended);

function nested(fields: Partial<Ste>, vmid = 2, table = 0x10_0000_0000n): Words {
  const [word0 = 0n, word1 = 0n] = encode(ste, { V: 1, Config: SteConfig.S1Trans, ...fields });
  const domain = { iommu: 0, config: 's1Translate', ste: [word0, word1], enableAts: false } as const;
  return nestedSte(domain, stage2Ste(hardware, vmid, table));
}

const STAGE1 = stage1Ste(0x8_0000_0000n);
const STAGE2 = stage2Ste(hardware, 2, 0x10_0000_0000n);
const NESTED = nested({ S1ContextPtr: 0x4_0000n });

const anyEntry: fc.Arbitrary<Words> = fc.oneof(
  fc.constantFrom(ABORT_STE, STAGE1, STAGE2, stage2Ste(hardware, 3, 0x10_1000_0000n)),
  fc
    .record({
      S1ContextPtr: fc.constantFrom(0x4_0000n, 0x4_0040n, 0x1_0000_0000n),
      S1CDMax: fc.nat(1),
      S1DSS: fc.constantFrom(S1Dss.Terminate, S1Dss.Bypass, S1Dss.Substream0),
      EATS: fc.constantFrom(Eats.Abort, Eats.Translated),
    })
    .chain((fields) => fc.constantFrom(nested(fields), nested(fields, 3, 0x10_1000_0000n))),
);

describe('an update of an STE', () => {
  it('ends in the target, one doubleword after the other being what the SMMU looks at', () => {
    const property = fc.property(anyEntry, anyEntry, (current, target) => {
      const values = updateEntry(current, target, STE_FORMAT);
      expect(values.at(-1) ?? current).toEqual(target);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('is the old entry, the new one, or not valid at every value in between', () => {
    const property = fc.property(anyEntry, anyEntry, (current, target) => {
      for (const value of updateEntry(current, target, STE_FORMAT).slice(0, -1)) {
        if (!STE_FORMAT.isValid(value)) continue;
        expect([behaviour(current), behaviour(target)]).toContainEqual(behaviour(value));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it.each([
    ['abort', 'stage 1', ABORT_STE, STAGE1],
    ['abort', 'stage 2', ABORT_STE, STAGE2],
    ['stage 2', 'abort', STAGE2, ABORT_STE],
    ['stage 2', 'nested over it', STAGE2, NESTED],
    ['stage 2', 'nested with S1DSS bypass', STAGE2, nested({ S1CDMax: 1, S1DSS: S1Dss.Bypass })],
    ['stage 2', 'nested with ATS', STAGE2, nested({ EATS: Eats.Translated })],
    ['nested', 'stage 2 under it', NESTED, STAGE2],
    ['nested', 'other CDs', NESTED, nested({ S1ContextPtr: 0x8_0000n })],
  ])('from %s to %s is hitless', (_from, _to, current, target) => {
    expect(isHitless(current, target, STE_FORMAT)).toBe(true);
  });

  it.each([
    ['nested', 'nested in another VMID over another parent', NESTED, nested({}, 3, 0x10_1000_0000n)],
    [
      'nested',
      'other CDs with another S1DSS',
      NESTED,
      nested({ S1ContextPtr: 0x8_0000n, S1DSS: S1Dss.Bypass }),
    ],
    ['stage 1', 'stage 2', STAGE1, STAGE2],
  ])('from %s to %s goes through V=0', (_from, _to, current, target) => {
    expect(isHitless(current, target, STE_FORMAT)).toBe(false);
  });
});
