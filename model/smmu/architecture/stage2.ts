import { fits, levelShift, lowMask, outputMask, shiftBy, strideOf } from '../../../spec/smmuv3/address.ts';
import type { ReadMemory64 } from './access.ts';
import { high, highBits, kindOf, type Leaf, low, lowBits, nextTable, readDescriptor } from './descriptor.ts';
import { type Fault, type FaultClass, translationFault, walkAbort } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';
import type { Stage2Configuration } from './stage2-configuration.ts';

/** What is asked of stage 2: the attributes of the transaction, or a read for the SMMU's own fetches. */
export interface Stage2Request {
  readonly class: FaultClass;
  readonly write: boolean;
  readonly instruction: boolean;
  readonly privileged: boolean;
}

/** The SMMU's own fetch of a CD or of a stage-1 descriptor. */
export const contextFetch: Stage2Request = {
  class: 'CD',
  write: false,
  instruction: false,
  privileged: false,
};
export const tableFetch: Stage2Request = {
  class: 'TT',
  write: false,
  instruction: false,
  privileged: false,
};

/**
 * Walks the stage-2 tables for an IPA (Arm ARM D8.2; IHI0070 3.3.2): the page or block, or the stage-2 fault.
 */
export function walkStage2(
  stage2: Stage2Configuration,
  ipa: bigint,
  request: Stage2Request,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
): Leaf | Fault {
  const { granule, startLevel } = stage2;
  if (!fits(ipa, stage2.inputBits)) return refused('F_TRANSLATION', stage2, ipa, request);
  const stride = strideOf(granule);
  let table = stage2.table;
  for (let level = startLevel; level <= 3; level++) {
    const shift = levelShift(granule, level);
    const index = ipa >> shiftBy(shift);
    const address =
      level === startLevel
        ? rules.stage2FirstDescriptor(table, stage2.alignment, index, stride)
        : table + ((index & lowMask(stride)) << 3n);
    const descriptor = readDescriptor(address, stage2.bigEndian, read);
    if (descriptor === undefined) return walkAbort(2, request.class, address);
    const bits = lowBits(descriptor);
    switch (kindOf(bits, level, rules.allowsBlock(granule, level))) {
      case 'invalid':
        return refused('F_TRANSLATION', stage2, ipa, request);
      case 'table':
        table = nextTable(descriptor, granule);
        if (!fits(table, stage2.outputBits) && rules.tableBeyondOutputSize('stage-2', false) !== 'unchecked')
          return refused('F_ADDR_SIZE', stage2, ipa, request);
        continue;
      case 'leaf': {
        const leaf = leafOf(descriptor, bits, level, stage2);
        const fault = faultOf(leaf, descriptor, bits, stage2, request, rules);
        return fault === undefined ? leaf : refused(fault, stage2, ipa, request);
      }
    }
  }
  return refused('F_TRANSLATION', stage2, ipa, request);
}

function refused(
  name: Parameters<typeof translationFault>[0],
  stage2: Stage2Configuration,
  ipa: bigint,
  request: Stage2Request,
): Fault {
  return translationFault(name, 2, request.class, ipa, stage2.policy);
}

function leafOf(descriptor: bigint, bits: number, level: number, stage2: Stage2Configuration): Leaf {
  const shift = levelShift(stage2.granule, level);
  const dirtiable = stage2.dirtyUpdates && (highBits(descriptor) & high.dirtyBitModifier) !== 0;
  return {
    kind: 'leaf',
    output: descriptor & outputMask(shift),
    shift,
    level,
    granule: stage2.granule,
    read: (bits & low.ap1) !== 0,
    write: (bits & low.ap2) !== 0 || dirtiable,
  };
}

/** Why a valid leaf refuses a request, in the priority of VMSAv8-64: output size, access flag, permission. */
function faultOf(
  leaf: Leaf,
  descriptor: bigint,
  bits: number,
  stage2: Stage2Configuration,
  request: Stage2Request,
  rules: SmmuArchitectureRules,
): 'F_ADDR_SIZE' | 'F_ACCESS' | 'F_PERMISSION' | undefined {
  const tooLarge = !fits(leaf.output, stage2.outputBits);
  if (tooLarge && rules.checksOutputSizeFirst) return 'F_ADDR_SIZE';
  if (stage2.accessFlagFaults && (bits & low.accessFlag) === 0) return 'F_ACCESS';
  if (!permits(leaf, descriptor, bits, stage2, request, rules)) return 'F_PERMISSION';
  return tooLarge ? 'F_ADDR_SIZE' : undefined;
}

function permits(
  leaf: Leaf,
  descriptor: bigint,
  bits: number,
  stage2: Stage2Configuration,
  request: Stage2Request,
  rules: SmmuArchitectureRules,
): boolean {
  if (request.write ? !leaf.write : !leaf.read) return false;
  if (request.instruction && !isExecutable(highBits(descriptor), stage2.xnx, request.privileged))
    return false;
  const ownFetch = request.class !== 'IN';
  return !(ownFetch && stage2.protectsTableWalk && rules.checksS2ptw && isDevice(bits, stage2));
}

/** XN[1:0] lies where stage 1 has UXN and PXN; without IDR3.XNX only XN[1] counts. */
function isExecutable(bits: number, xnx: boolean, privileged: boolean): boolean {
  const xn1 = (bits & high.uxn) !== 0;
  if (!xnx) return !xn1;
  const xn0 = (bits & high.pxn) !== 0;
  return privileged ? xn1 === xn0 : !xn1;
}

/** MemAttr[3:2] = 0b00 is Device; under S2FWB, MemAttr[2] = 0 is. */
function isDevice(bits: number, stage2: Stage2Configuration): boolean {
  const memAttr = (bits & low.memAttr) >> 2;
  return stage2.forcesWriteBack ? (memAttr & 0b0100) === 0 : (memAttr & 0b1100) === 0;
}
