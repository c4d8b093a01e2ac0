import { describe, expect, it } from 'vitest';
import { featuresOf } from '../../../model/platform/smmu-features.ts';
import { encode } from '../../../spec/bits.ts';
import { iidr } from '../../../spec/smmuv3/id-registers.ts';
import { smmu } from '../../../workload/scopes/hardware.ts';

describe('nesting', () => {
  it.each([
    // implementer, product, variant, nests
    ['MMU-600 r1', 0x43b, 0x483, 1, false],
    ['MMU-600 r2', 0x43b, 0x483, 2, true],
    ['MMU-700 r0', 0x43b, 0x487, 0, false],
    ['MMU-700 r1', 0x43b, 0x487, 1, true],
    ['an SMMU of others with the same product number', 0x036, 0x487, 0, true],
  ])('of %s', (_what, Implementer, ProductID, Variant, nests) => {
    const word = encode(iidr, { Implementer, ProductID, Variant })[0];
    expect(featuresOf({ ...smmu('smmu0'), iidr: Number(word) }).nesting).toBe(nests);
  });

  it('needs both stages', () => {
    const { idr, ...rest } = smmu('smmu0');
    const withoutStage2 = idr.map((value, index) => (index === 0 ? value & ~1 : value));
    expect(featuresOf({ ...rest, idr: withoutStage2 }).nesting).toBe(false);
  });
});

describe('VMIDs', () => {
  it.each([
    ['have 16 bits with VMID16', 1 << 18, 16],
    ['have 8 without', 0, 8],
  ])('%s', (_what, vmid16, bits) => {
    const { idr, ...rest } = smmu('smmu0');
    const other = idr.map((value, index) => (index === 0 ? (value & ~(1 << 18)) | vmid16 : value));
    expect(featuresOf({ ...rest, idr: other }).vmidBits).toBe(bits);
  });
});
