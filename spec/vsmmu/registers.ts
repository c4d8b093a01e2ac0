import { encode, update } from '../bits.ts';
import {
  aidr,
  type IdRegisterValues,
  idr0,
  idr1,
  idr3,
  idr5,
  StallModel,
  StreamTableLevel,
  TranslationTableFormat,
  TtEndian,
} from '../smmuv3/id-registers.ts';

/** What the operator says of a vSMMU on the command line (QEMU: properties of `arm-smmuv3`). */
export interface VsmmuProperties {
  /** Output address size, as IDR5.OAS has it. */
  readonly oas: number;
  /** IDR1.SSIDSIZE. */
  readonly ssidSize: number;
  /** Range invalidation. */
  readonly ril: boolean;
  readonly ats: boolean;
  /** Whether the VMM may look for a pSMMU's hardware queues; absent: yes. */
  readonly cmdqv?: boolean;
  /** Properties that the operator leaves to the host ("auto"); absent: none. */
  readonly auto?: readonly ('oas' | 'ssidSize' | 'ril' | 'ats')[];
  /** The physical IOMMU that the operator has in mind, by its name in sysfs; only some designs look at it. */
  readonly iommu: string;
}

const only = ([word = 0n]: readonly bigint[]): number => Number(word);

/** The registers of a vSMMU that nobody has said anything of: stage 1 only, AArch64, 44 bits, no substreams. */
export const EMULATED_REGISTERS: IdRegisterValues = Object.freeze({
  IDR0: only(
    encode(idr0, {
      S1P: 1,
      TTF: TranslationTableFormat.AArch64,
      COHACC: 1,
      ASID16: 1,
      TTENDIAN: TtEndian.Little,
      STALL_MODEL: StallModel.NoStall,
      TERM_MODEL: 1,
      ST_LEVEL: StreamTableLevel.TwoLevel,
    }),
  ),
  IDR1: only(encode(idr1, { SIDSIZE: 16, EVENTQS: 19, CMDQS: 19 })),
  IDR2: 0,
  IDR3: only(encode(idr3, { HAD: 1, BBML: 2 })),
  IDR4: 0,
  IDR5: only(encode(idr5, { OAS: 0b100, GRAN4K: 1, GRAN16K: 1, GRAN64K: 1 })),
  IIDR: 0,
  AIDR: only(encode(aidr, { ArchMinorRev: 1 })),
});

/** The registers that the operator's properties say, with no physical IOMMU in sight. */
export function specifiedRegisters(properties: VsmmuProperties): IdRegisterValues {
  const word = (value: number): readonly bigint[] => [BigInt(value)];
  const { IDR0, IDR1, IDR3, IDR5 } = EMULATED_REGISTERS;
  return {
    ...EMULATED_REGISTERS,
    IDR0: only(update(idr0, word(IDR0), { ATS: properties.ats ? 1 : 0 })),
    IDR1: only(update(idr1, word(IDR1), { SSIDSIZE: properties.ssidSize })),
    IDR3: only(update(idr3, word(IDR3), { RIL: properties.ril ? 1 : 0 })),
    IDR5: only(update(idr5, word(IDR5), { OAS: properties.oas })),
  };
}

/** Bytes of struct iommu_hw_info_arm_smmuv3: flags, a reserved word, IDR0 to IDR5, IIDR, AIDR. */
export const HW_INFO_BYTES = 40;

/** The registers in the 64-bit words of struct iommu_hw_info_arm_smmuv3. */
export function registersOfHwInfo(words: readonly bigint[]): IdRegisterValues {
  const half = (index: number): number => {
    const word = words[index >> 1] ?? 0n;
    return Number((index % 2 === 0 ? word : word >> 32n) & 0xffff_ffffn);
  };
  return {
    IDR0: half(2),
    IDR1: half(3),
    IDR2: half(4),
    IDR3: half(5),
    IDR4: half(6),
    IDR5: half(7),
    IIDR: half(8),
    AIDR: half(9),
  };
}
