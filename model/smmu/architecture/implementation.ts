import { decode } from '../../../spec/bits.ts';
import { addressBits, type GranuleShift } from '../../../spec/smmuv3/address.ts';
import {
  type IdRegisterValues,
  type Idr0,
  type Idr1,
  type Idr3,
  type Idr5,
  idr0,
  idr1,
  idr3,
  idr5,
  StallModel,
  TtEndian,
} from '../../../spec/smmuv3/id-registers.ts';

/** What an SMMU implements: its identification registers, decoded once. */
export interface Implementation {
  readonly idr0: Idr0;
  readonly idr1: Idr1;
  readonly idr3: Idr3;
  readonly idr5: Idr5;
  /** Output address size in bits. */
  readonly oas: number;
  /** Intermediate address size in bits: 40 at least where AArch32 tables exist (IHI0070 3.4). */
  readonly ias: number;
  /** Largest TxSZ (IDR3.STT). */
  readonly largestTxsz: number;
}

export function implementationOf(registers: IdRegisterValues): Implementation {
  const zero = decode(idr0, [BigInt(registers.IDR0)]);
  const three = decode(idr3, [BigInt(registers.IDR3)]);
  const five = decode(idr5, [BigInt(registers.IDR5)]);
  const oas = addressBits(five.OAS);
  return {
    idr0: zero,
    idr1: decode(idr1, [BigInt(registers.IDR1)]),
    idr3: three,
    idr5: five,
    oas,
    ias: (zero.TTF & 0b01) === 0 ? oas : Math.max(oas, 40),
    largestTxsz: three.STT === 1 ? 48 : 39,
  };
}

export function supportsGranule({ idr5: five }: Implementation, granule: GranuleShift): boolean {
  switch (granule) {
    case 12:
      return five.GRAN4K === 1;
    case 14:
      return five.GRAN16K === 1;
    case 16:
      return five.GRAN64K === 1;
  }
}

/** Whether tables of this endianness (CD.ENDI, STE.S2ENDI) can be walked (IDR0.TTENDIAN). */
export function supportsEndianness({ idr0: zero }: Implementation, big: boolean): boolean {
  return zero.TTENDIAN === TtEndian.Mixed || zero.TTENDIAN === (big ? TtEndian.Big : TtEndian.Little);
}

/** Whether a stage may be configured to stall, or not to, on its faults (IDR0.STALL_MODEL). */
export function supportsStall({ idr0: zero }: Implementation, stall: boolean): boolean {
  if (zero.STALL_MODEL === StallModel.StallOrTerminate) return true;
  return stall === (zero.STALL_MODEL === StallModel.StallForced);
}

/** Whether hardware updates of the access flag and dirty state may be enabled (IDR0.HTTU). */
export function supportsHardwareUpdates({ idr0: zero }: Implementation, ha: number, hd: number): boolean {
  return (ha === 0 || zero.HTTU >= 1) && (hd === 0 || zero.HTTU >= 2);
}
