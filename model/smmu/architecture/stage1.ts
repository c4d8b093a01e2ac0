import { fits, levelShift, lowMask, outputMask, shiftBy, strideOf } from '../../../spec/smmuv3/address.ts';
import type { Access, ReadMemory64 } from './access.ts';
import { high, highBits, kindOf, type Leaf, low, lowBits, nextTable, readDescriptor } from './descriptor.ts';
import { type Fault, type TranslationFaultName, translationFault, walkAbort } from './outcome.ts';
import { permits, rightsOf } from './permission.ts';
import type { SmmuArchitectureRules, TableAccess, TranslateIpa } from './rules.ts';
import type { Region, Stage1Configuration } from './stage1-configuration.ts';

const APTABLE_AND_XNTABLE = high.apTable0 | high.apTable1 | high.pxnTable | high.uxnTable;

/** How the IPAs of stage-1 tables become physical addresses. */
export interface TableLookup {
  readonly translate: TranslateIpa;
  /** Whether stage 2 has already translated something in the page or block of this table. */
  readonly knows: (table: bigint) => boolean;
}

/**
 * Walks the stage-1 tables for a virtual address (Arm ARM D8.2; IHI0070 3.3.2): the page or block, or the fault.
 * `tables` takes the tables' IPAs through stage 2; undefined where stage 2 is bypassed.
 */
export function walkStage1(
  context: Stage1Configuration,
  access: Access,
  tables: TableLookup | undefined,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
): Leaf | Fault {
  const region = regionFor(context, access.address, rules);
  if (region === undefined) return refused('F_TRANSLATION', context);
  const { granule, startLevel } = region;
  const stride = strideOf(granule);
  const virtual = access.address & lowMask(region.inputBits);
  let table = region.table;
  let alignment = region.alignment;
  let hierarchy = 0;
  for (let level = startLevel; level <= 3; level++) {
    const shift = levelShift(granule, level);
    const offset = ((virtual >> shiftBy(shift)) & lowMask(stride)) << 3n;
    const first = level === startLevel;
    const address =
      tables === undefined
        ? (table & ~alignment) | offset
        : locate(context, region, { table, alignment, offset, first }, tables.translate, rules);
    if (typeof address !== 'bigint') return address;
    const descriptor = readDescriptor(address, context.bigEndian, read);
    if (descriptor === undefined) return walkAbort(1, 'TT', address);
    const bits = lowBits(descriptor);
    switch (kindOf(bits, level, rules.allowsBlock(granule, level))) {
      case 'invalid':
        return refused('F_TRANSLATION', context);
      case 'leaf':
        return leafOf(descriptor, bits, level, hierarchy, region, context, access, rules);
      case 'table': {
        if (!region.hierarchyDisabled && rules.hierarchyCounts) {
          const attributes = highBits(descriptor) & APTABLE_AND_XNTABLE;
          if (!rules.checksApTableAtTable) hierarchy |= attributes;
          else if (access.write && (attributes & high.apTable1) !== 0)
            return refused('F_PERMISSION', context);
          else hierarchy |= attributes & ~high.apTable1;
        }
        table = nextTable(descriptor, granule);
        alignment = 0n;
        if (!fits(table, context.outputBits)) {
          const consequence =
            tables === undefined
              ? rules.tableBeyondOutputSize('stage-1', false)
              : rules.tableBeyondOutputSize('nested-stage-1', tables.knows(table));
          if (consequence === 'input-fault') return refused('F_ADDR_SIZE', context);
          if (consequence === 'table-fault')
            return translationFault('F_ADDR_SIZE', 1, 'TT', table, context.policy);
        }
      }
    }
  }
  return refused('F_TRANSLATION', context);
}

/** Stage-1 faults of the transaction's address carry no IPA. */
function refused(name: TranslationFaultName, context: Stage1Configuration): Fault {
  return translationFault(name, 1, 'IN', 0n, context.policy);
}

/** The region that maps an address: bit 55 chooses the half, and the bits above the region must all equal it. */
export function regionFor(
  context: Stage1Configuration,
  address: bigint,
  rules: SmmuArchitectureRules,
): Region | undefined {
  const upperHalf = !context.el2 && (address & (1n << 55n)) !== 0n;
  const ignoresTop = rules.ignoresTopByte(upperHalf, context.tbi0, context.tbi1);
  const region = upperHalf ? context.upper : context.lower;
  if (region === null) return undefined;
  const above = BigInt.asIntN(ignoresTop ? 56 : 64, address) >> shiftBy(region.inputBits);
  return above === (upperHalf ? -1n : 0n) ? region : undefined;
}

/** The physical address of a descriptor whose table lies in IPA space. */
function locate(
  context: Stage1Configuration,
  region: Region,
  access: TableAccess,
  translate: TranslateIpa,
  rules: SmmuArchitectureRules,
): bigint | Fault {
  const kept = access.first ? region.translatedTable : null;
  const address =
    kept === null ? rules.descriptorAddress(access, translate) : (kept & ~access.alignment) | access.offset;
  if (typeof address !== 'bigint') return rules.tableFault(address, access, context.policy.recorded);
  return access.first ? rules.firstDescriptorAddress(address, context.outputBits) : address;
}

/** The page or block, unless it refuses the access; in the priority of VMSAv8-64: output size, access flag, permission. */
function leafOf(
  descriptor: bigint,
  bits: number,
  level: number,
  hierarchy: number,
  region: Region,
  context: Stage1Configuration,
  access: Access,
  rules: SmmuArchitectureRules,
): Leaf | Fault {
  const shift = levelShift(region.granule, level);
  const output = descriptor & outputMask(shift);
  const tooLarge = !fits(output, context.outputBits) && rules.checksStage1OutputSize;
  if (tooLarge && rules.checksOutputSizeFirst) return refused('F_ADDR_SIZE', context);
  if (context.accessFlagFaults && (bits & low.accessFlag) === 0) return refused('F_ACCESS', context);
  const rights = rightsOf(bits, highBits(descriptor), hierarchy, access.privileged, context, rules);
  if (!permits(rights, access)) return refused('F_PERMISSION', context);
  if (tooLarge) return refused('F_ADDR_SIZE', context);
  return {
    kind: 'leaf',
    output,
    shift,
    level,
    granule: region.granule,
    read: rights.read,
    write: rights.write,
  };
}
