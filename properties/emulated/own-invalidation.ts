import { bits } from '../own/bits.ts';
import {
  asidOf,
  OPCODE,
  opcodeOf,
  type Pair,
  rangeHas,
  streamOf,
  substreamOf,
  vmidOf,
} from '../own/command.ts';

/*
 * What an invalidation command names, taken from its words anew (IHI0070 4.3, 4.4): nothing is shared with the model. Said is
 * only what an SMMU must forget; it may forget more.
 */

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

/** Whether a command names the entry of a stream, or, where a CD was read with it, that CD (of requests without a substream). */
export function namesConfiguration(command: Pair, stream: number, hasContext: boolean): boolean {
  const named = streamOf(command);
  switch (opcodeOf(command)) {
    case OPCODE.CFGI_STE:
      return named === stream;
    case OPCODE.CFGI_STE_RANGE:
      return rangeHas(command, stream);
    case OPCODE.CFGI_CD:
      return hasContext && named === stream && substreamOf(command) === 0;
    case OPCODE.CFGI_CD_ALL:
      return hasContext && named === stream;
    default:
      return false;
  }
}

/** Whether a command names a cached translation. `ranges`: the SMMU has IDR3.RIL. */
export function namesTranslation(command: Pair, cached: Translation, ranges: boolean): boolean {
  const sameVmid = vmidOf(command) === cached.vmid;
  const sameAsid = asidOf(command) === cached.asid;
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
