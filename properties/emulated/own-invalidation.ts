import { bits } from './own-bits.ts';

/*
 * What an invalidation command names, taken from its words anew (IHI0070 4.3, 4.4): nothing is shared with the model. Said is
 * only what an SMMU must forget; it may forget more.
 */

export type Pair = readonly [bigint, bigint];

/** A cached translation, as far as a command can name it. */
export interface Translation {
  /** Negative: of stage 2 alone, which no ASID tags. */
  readonly asid: number;
  readonly vmid: number;
  /** log2 of the granule of the tables that it was found in, and its level there. */
  readonly granule: number;
  readonly level: number;
  /** First input address, and log2 of how many bytes there are. */
  readonly input: bigint;
  readonly shift: number;
}

const OPCODE = {
  CFGI_STE: 0x03,
  CFGI_STE_RANGE: 0x04,
  CFGI_CD: 0x05,
  CFGI_CD_ALL: 0x06,
  NH_ALL: 0x10,
  NH_ASID: 0x11,
  NH_VA: 0x12,
  NH_VAA: 0x13,
  S12_VMALL: 0x28,
  S2_IPA: 0x2a,
  NSNH_ALL: 0x30,
} as const;

function opcodeOf([first]: Pair): number {
  return bits(first, 0, 8);
}

function streamOf([first]: Pair): number {
  return bits(first, 32, 32);
}

/** Whether a command names the entry of a stream, or, where a CD was read with it, that CD (of requests without a substream). */
export function namesConfiguration(command: Pair, stream: number, hasContext: boolean): boolean {
  const [first, second] = command;
  const named = streamOf(command);
  switch (opcodeOf(command)) {
    case OPCODE.CFGI_STE:
      return named === stream;
    case OPCODE.CFGI_STE_RANGE: {
      // The StreamIDs that have all but the low bits alike; with 31 these are all 32.
      const low = 2 ** (bits(second, 0, 5) + 1);
      return Math.floor(named / low) === Math.floor(stream / low);
    }
    case OPCODE.CFGI_CD:
      return hasContext && named === stream && bits(first, 12, 20) === 0;
    case OPCODE.CFGI_CD_ALL:
      return hasContext && named === stream;
    default:
      return false;
  }
}

/** Whether a command names a cached translation. `ranges`: the SMMU has IDR3.RIL. */
export function namesTranslation(command: Pair, cached: Translation, ranges: boolean): boolean {
  const [first] = command;
  const sameVmid = bits(first, 32, 16) === cached.vmid;
  const sameAsid = bits(first, 48, 16) === cached.asid;
  const isOfStage1 = cached.asid >= 0;
  switch (opcodeOf(command)) {
    case OPCODE.NSNH_ALL:
      return true;
    case OPCODE.S12_VMALL:
      return sameVmid;
    case OPCODE.NH_ALL:
      return sameVmid && isOfStage1;
    case OPCODE.NH_ASID:
      return sameVmid && sameAsid;
    case OPCODE.NH_VA:
      return sameVmid && sameAsid && namesAddresses(command, 64, cached, ranges);
    case OPCODE.NH_VAA:
      return sameVmid && isOfStage1 && namesAddresses(command, 64, cached, ranges);
    case OPCODE.S2_IPA:
      return sameVmid && !isOfStage1 && namesAddresses(command, 52, cached, ranges);
    default:
      return false;
  }
}

/** `addressBits`: bits of the second doubleword from these on are no address. */
function namesAddresses(
  [first, second]: Pair,
  addressBits: number,
  { input, shift, granule, level }: Translation,
  ranges: boolean,
): boolean {
  const tg = ranges ? bits(second, 10, 2) : 0;
  const log2 = tg === 0 ? 12 : 10 + 2 * tg;
  const start = (BigInt.asUintN(addressBits, second) >> BigInt(log2)) << BigInt(log2);
  if (tg === 0) return overlap(start, 1n << 12n, input, shift);
  const ttl = bits(second, 8, 2);
  if (log2 !== granule || (ttl !== 0 && ttl !== level)) return false;
  const granules = BigInt(bits(first, 12, 5) + 1) * 2n ** BigInt(bits(first, 20, 5));
  return overlap(start, granules << BigInt(log2), input, shift);
}

function overlap(start: bigint, bytes: bigint, input: bigint, shift: number): boolean {
  return start < input + (1n << BigInt(shift)) && input < start + bytes;
}
