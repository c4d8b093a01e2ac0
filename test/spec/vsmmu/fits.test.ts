import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode, update } from '../../../spec/bits.ts';
import {
  type IdRegisterName,
  type IdRegisterValues,
  idRegisters,
} from '../../../spec/smmuv3/id-registers.ts';
import { fieldOf, nameOf } from '../../../spec/vsmmu/field-rule.ts';
import { FIELD_RULES } from '../../../spec/vsmmu/fields.ts';
import { fits, misfitText } from '../../../spec/vsmmu/fits.ts';
import { leastCommon } from '../../../spec/vsmmu/least-common.ts';
import { EMULATED_REGISTERS, registersOfHwInfo, specifiedRegisters } from '../../../spec/vsmmu/registers.ts';

const NAMES = Object.keys(idRegisters) as IdRegisterName[];

/** Registers with one field set. */
function withField(
  base: IdRegisterValues,
  register: IdRegisterName,
  field: string,
  value: number,
): IdRegisterValues {
  const words = update(idRegisters[register], [BigInt(base[register])], { [field]: value } as never);
  return { ...base, [register]: Number(words[0]) };
}

/** A pSMMU that has everything that can be had. */
const EVERYTHING = FIELD_RULES.reduce((registers, { register, field, compare }) => {
  if (compare !== 'at-most') return registers;
  const fields: Readonly<Record<string, { readonly width: number }>> = idRegisters[register].fields;
  return withField(registers, register, field, 2 ** (fields[field]?.width ?? 1) - 1);
}, EMULATED_REGISTERS);

/** Registers whose every field has a value that the architecture names, or any where it names none. */
const arbitraryRegisters: fc.Arbitrary<IdRegisterValues> = fc
  .tuple(
    ...FIELD_RULES.map(({ sets }) =>
      sets === undefined ? fc.nat(0xffff) : fc.constantFrom(...Object.keys(sets).map(Number)),
    ),
  )
  .map((values) =>
    FIELD_RULES.reduce((registers, { register, field }, index) => {
      const fields: Readonly<Record<string, { readonly width: number }>> = idRegisters[register].fields;
      return withField(registers, register, field, (values[index] ?? 0) % 2 ** (fields[field]?.width ?? 1));
    }, EMULATED_REGISTERS),
  );

describe('the table of ID register fields', () => {
  it('has every field of every register once, in their order', () => {
    const all = NAMES.flatMap((register) =>
      Object.keys(idRegisters[register].fields).map((field) => nameOf({ register, field })),
    );
    expect(FIELD_RULES.map(nameOf)).toEqual(all);
  });

  it("lets a VMM rely on the fields that linux/iommufd.h lists, and compares no other of the guest's own", () => {
    expect(FIELD_RULES.filter(({ inHwInfo }) => inHwInfo).map(nameOf)).toEqual([
      'IDR0.TTF',
      'IDR0.ASID16',
      'IDR0.CD2L',
      'IDR0.TTENDIAN',
      'IDR0.STALL_MODEL',
      'IDR0.TERM_MODEL',
      'IDR0.ST_LEVEL',
      'IDR1.SIDSIZE',
      'IDR1.SSIDSIZE',
      'IDR3.RIL',
      'IDR3.BBML',
      'IDR5.GRAN4K',
      'IDR5.GRAN16K',
      'IDR5.GRAN64K',
      'IDR5.VAX',
    ]);
  });
});

describe('a vSMMU fits a pSMMU', () => {
  it.each([
    // register, field, vSMMU, pSMMU, fits
    ['IDR0', 'ASID16', 1, 0, false],
    ['IDR0', 'ASID16', 0, 1, true],
    ['IDR0', 'TTF', 0b10, 0b11, true],
    ['IDR0', 'TTF', 0b11, 0b10, false],
    ['IDR0', 'TTENDIAN', 0b10, 0b00, true],
    ['IDR0', 'TTENDIAN', 0b10, 0b11, false],
    ['IDR0', 'TTENDIAN', 0b00, 0b10, false],
    ['IDR0', 'STALL_MODEL', 0b01, 0b00, true],
    ['IDR0', 'STALL_MODEL', 0b01, 0b10, false],
    ['IDR0', 'STALL_MODEL', 0b00, 0b01, false],
    ['IDR0', 'TERM_MODEL', 1, 0, true],
    ['IDR0', 'TERM_MODEL', 0, 1, false],
    ['IDR0', 'S2P', 1, 1, false],
    ['IDR0', 'S2P', 0, 1, true],
    ['IDR0', 'ST_LEVEL', 1, 0, true],
    ['IDR0', 'ATS', 1, 0, false],
    ['IDR1', 'SIDSIZE', 32, 8, true],
    ['IDR1', 'SSIDSIZE', 9, 8, false],
    ['IDR1', 'SSIDSIZE', 8, 8, true],
    ['IDR3', 'RIL', 1, 0, false],
    ['IDR3', 'BBML', 2, 1, false],
    ['IDR5', 'OAS', 5, 4, false],
    ['IDR5', 'OAS', 4, 5, true],
    ['IDR5', 'GRAN16K', 1, 0, false],
    ['IDR5', 'VAX', 1, 0, false],
    ['IIDR', 'ProductID', 0x483, 0x487, true],
    ['AIDR', 'ArchMinorRev', 3, 1, true],
  ] as const)('%s.%s: %i in front of %i: %s', (register, field, guest, host, expected) => {
    const vsmmu = withField(EMULATED_REGISTERS, register, field, guest);
    const psmmu = withField(EVERYTHING, register, field, host);
    const found = fits(vsmmu, psmmu).map(({ rule }) => nameOf(rule));
    expect(found).toEqual(expected ? [] : [`${register}.${field}`]);
  });

  it('or not, and then every offending field is named with both values', () => {
    const vsmmu = specifiedRegisters({ oas: 5, ssidSize: 4, ril: true, ats: false, iommu: '' });
    const psmmu = specifiedRegisters({ oas: 4, ssidSize: 0, ril: false, ats: false, iommu: '' });
    expect(fits(vsmmu, psmmu).map(misfitText)).toEqual([
      'IDR1.SSIDSIZE=4 (the pSMMU: 0)',
      'IDR3.RIL=1 (the pSMMU: 0)',
      'IDR5.OAS=5 (the pSMMU: 4)',
    ]);
  });
});

describe('the least common registers', () => {
  it('fit every pSMMU that they are of, whatever those are', () => {
    fc.assert(
      fc.property(fc.array(arbitraryRegisters, { minLength: 1, maxLength: 3 }), (psmmus) => {
        // Where no value stands for what all have (one little, one big endian), nothing can fit all.
        const common = leastCommon(psmmus, EMULATED_REGISTERS);
        for (const psmmu of psmmus)
          for (const { rule } of fits(common, psmmu)) expect(rule.compare).toBe('subset');
      }),
    );
  });

  it('of one pSMMU are the most it allows: no comparable field can be one more', () => {
    fc.assert(
      fc.property(arbitraryRegisters, (psmmu) => {
        const own = leastCommon([psmmu], EMULATED_REGISTERS);
        expect(fits(own, psmmu)).toEqual([]);
        for (const rule of FIELD_RULES)
          if (rule.compare === 'at-most') expect(fieldOf(own, rule)).toBe(fieldOf(psmmu, rule));
      }),
    );
  });

  it('of none are the emulated ones', () => {
    expect(leastCommon([], EMULATED_REGISTERS)).toEqual(EMULATED_REGISTERS);
  });
});

describe('the words of IOMMU_GET_HW_INFO', () => {
  it('are flags, a reserved half, and the registers in order', () => {
    const halves = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8].map(BigInt);
    const words = [0, 2, 4, 6, 8].map((at) => (halves[at] ?? 0n) | ((halves[at + 1] ?? 0n) << 32n));
    expect(registersOfHwInfo(words)).toEqual({
      IDR0: 1,
      IDR1: 2,
      IDR2: 3,
      IDR3: 4,
      IDR4: 5,
      IDR5: 6,
      IIDR: 7,
      AIDR: 8,
    });
  });

  it('read as zero where the kernel wrote less', () => {
    expect(registersOfHwInfo([]).IDR5).toBe(0);
  });
});

describe('specified registers', () => {
  it.each([
    ['IDR5', 'OAS', 5],
    ['IDR1', 'SSIDSIZE', 8],
    ['IDR3', 'RIL', 1],
    ['IDR0', 'ATS', 1],
    ['IDR0', 'S2P', 0],
  ] as const)('%s.%s is what the operator says', (register, field, value) => {
    const registers = specifiedRegisters({ oas: 5, ssidSize: 8, ril: true, ats: true, iommu: '' });
    expect(fieldOf(registers, { register, field })).toBe(value);
  });

  it('say nothing that the architecture does not', () => {
    for (const register of NAMES) {
      const of = idRegisters[register];
      const word = BigInt(EMULATED_REGISTERS[register]);
      expect(encode(of, decode(of, [word]) as never)).toEqual([word]);
    }
  });
});
