import { decode } from '../../../spec/bits.ts';
import { type GranuleShift, lowMask } from '../../../spec/smmuv3/address.ts';
import type { Cd } from '../../../spec/smmuv3/cd.ts';
import type { EventName } from '../../../spec/smmuv3/event.ts';
import { granuleOf, steRange } from '../../../spec/smmuv3/invalidation.ts';
import { l1StreamTableDescriptor, type Ste } from '../../../spec/smmuv3/ste.ts';
import {
  choice,
  type Declarations,
  decision,
  flag,
  intendedOf,
  type RulesOf,
  value,
} from '../../world/declare.ts';
import type { Fault, FaultClass } from './outcome.ts';

/** Where a stage-1 descriptor lies in IPA space, and how to get it through stage 2. */
export interface TableAccess {
  /** The table's address as it stands in CD.TTB or in the descriptor above. */
  readonly table: bigint;
  /** Bits of `table` below its alignment; the architecture treats them as zero. */
  readonly alignment: bigint;
  /** Byte offset of the descriptor in the table. */
  readonly offset: bigint;
  /** Whether this is the table that CD.TTB points at. */
  readonly first: boolean;
}

/** Gives the physical address of an IPA, or the stage-2 fault. */
export type TranslateIpa = (ipa: bigint) => bigint | Fault;

/** Whose tables a walk reads: those of stage 1 alone, of stage 1 above a stage 2, or of stage 2. */
export type TableOwner = 'stage-1' | 'nested-stage-1' | 'stage-2';

/** A stretch of addresses that begins at `address`; an entry lies in it if it begins there with the mask's bits cleared. */
export interface InvalidatedPiece {
  readonly address: bigint;
  readonly mask: bigint;
}

/** A stretch of addresses as naturally aligned powers of two. */
export function naturalPieces(address: bigint, bytes: bigint): readonly InvalidatedPiece[] {
  const pieces: InvalidatedPiece[] = [];
  let at = address;
  for (let left = bytes; left > 0n; ) {
    let size = at === 0n ? 1n << 63n : at & -at;
    while (size > left) size >>= 1n;
    pieces.push({ address: at, mask: size - 1n });
    at = BigInt.asUintN(64, at + size);
    left -= size;
  }
  return pieces;
}

const PAGE_OFFSET = 0xfffn;

const CD_VALID = 1n << 31n;

/** The rules that IHI0070 and the Arm ARM state. */
declare module '../../world/rules.ts' {
  interface Rules {
    readonly smmuArchitecture: SmmuArchitectureRules;
  }
}

/**
 * Every place where an emulation is known to depart from the architecture, as a named pure function.
 * An override replaces some of them: `{ ...smmuArchitectureIntended, ...override.rules.smmuArchitecture }`.
 */
export const smmuArchitecturePoints = {
  eventBeyondSpan: choice(
    "The event of a StreamID beyond the L1STD's Span (IHI0070 7.3.3).",
    ['C_BAD_STREAMID', 'C_BAD_STE'],
    'C_BAD_STREAMID',
  ),
  streamTableBits: decision<(log2Size: number, sidSize: number) => number>(
    'How many bits of StreamID the stream table has entries for (IHI0070 6.3.25, LOG2SIZE).',
    '(log2Size: number, sidSize: number) => number',
    (log2Size, sidSize) => Math.min(log2Size, sidSize),
  ),
  streamTableAt: decision<(base: bigint, alignment: bigint, level: 1 | 2) => bigint>(
    'Where a stream table or a level 2 array begins: its address is aligned to its size (IHI0070 6.3.24, 5.1).',
    '(base: bigint, alignment: bigint, level: 1 | 2) => bigint',
    (base, alignment) => base & ~alignment,
  ),
  spanOf: decision<(field: number) => number>(
    'L1STD.Span, of five bits (IHI0070 5.1).',
    '(field: number) => number',
    (field) => field,
  ),
  level2Array: decision<(descriptor: bigint) => bigint>(
    'Where the level 2 array of an L1STD lies, before it is aligned (IHI0070 5.1: L2Ptr, bits [51:6]).',
    '(descriptor: bigint) => bigint',
    (descriptor) => decode(l1StreamTableDescriptor, [descriptor]).L2Ptr,
  ),
  entriesOfSpan: decision<(span: number) => number>(
    'How many entries the level 2 array of an L1STD has (IHI0070 5.1).',
    '(span: number) => number',
    (span) => 2 ** (span - 1),
  ),
  validatesStage1Fields: decision<(stage1: boolean) => boolean>(
    "Whether the STE's stage-1 fields (S1CDMax, S1STALLD, ...) are validated, given whether stage 1 is enabled.",
    '(stage1: boolean) => boolean',
    (stage1) => stage1,
  ),
  largestStage2Input: decision<(ias: number, outputBits: number) => number>(
    'The largest stage-2 input, in bits, given IAS and the effective S2PS (IHI0070 5.2, S2T0SZ).',
    '(ias: number, outputBits: number) => number',
    (ias) => ias,
  ),
  smallestStage2FirstBits: value<number>(
    'The fewest bits of the input that the start level of stage 2 must resolve (IHI0070 5.2, S2SL0).',
    'number',
    1,
  ),
  checksStage2HardwareUpdates: flag('Whether STE.S2HA and S2HD need IDR0.HTTU.', true),
  stage2Alignment: decision<(bits: number) => bigint>(
    'The bits below the alignment of the first tables of stage 2, which together have 2^bits bytes (Arm ARM D8.2).',
    '(bits: number) => bigint',
    lowMask,
  ),
  checksStrw: flag('Whether an illegal STE.STRW makes the STE illegal (IHI0070 5.2).', true),
  followsStrw: flag(
    'Whether stage 1 of an EL2 stream has no TTB1 and no unprivileged accesses (IHI0070 5.2, STRW).',
    true,
  ),
  checksContextPointer: flag(
    'Whether an S1ContextPtr beyond OAS makes an STE without stage 2 illegal (IHI0070 5.2).',
    true,
  ),
  aarch32: choice(
    'What becomes of tables of AArch32 (STE.S2AA64 = 0) that are not implemented: an illegal entry, or the end of the emulator.',
    ['illegal', 'ends'],
    'illegal',
  ),
  largestOutputSize: choice(
    'What becomes of CD.IPS of 52 bits and of its reserved value: capped to OAS, or the end of the emulator (IHI0070 5.4).',
    ['capped', 'ends'],
    'capped',
  ),
  outsideRam: decision<(address: bigint) => bigint | undefined>(
    'What 64 bits outside of RAM read as; undefined: an external abort.',
    '(address: bigint) => bigint | undefined',
    () => undefined,
  ),
  countsS1CdMax: decision<(ssidSize: number) => boolean>(
    'Whether STE.S1CDMax counts, given IDR1.SSIDSIZE: without substreams it is IGNORED, and S1Fmt and S1DSS with it (IHI0070 5.2).',
    '(ssidSize: number) => boolean',
    (ssidSize) => ssidSize > 0,
  ),
  entryAsRead: decision<(entry: Ste) => Ste | undefined>(
    'An STE with the fields that count; undefined: it is taken for illegal.',
    '(entry: Ste) => Ste | undefined',
    (entry) => entry,
  ),
  contextAsRead: decision<(context: Cd) => Cd | undefined>(
    'A CD with the fields that count; undefined: it is taken for illegal.',
    '(context: Cd) => Cd | undefined',
    (context) => context,
  ),
  takesGranule: decision<(implemented: boolean) => boolean>(
    'Whether a CD may have a granule, given whether it is implemented (IDR5.GRAN4K and others).',
    '(implemented: boolean) => boolean',
    (implemented) => implemented,
  ),
  sizeMeans: decision<
    (txsz: number, smallest: number, largest: number) => 'walk' | 'C_BAD_CD' | 'F_TRANSLATION'
  >(
    'What a CD.TxSZ means, within the bounds and outside: it is walked, makes the CD illegal, or translates nothing.',
    "(txsz: number, smallest: number, largest: number) => 'walk' | 'C_BAD_CD' | 'F_TRANSLATION'",
    (txsz, smallest, largest) => (txsz >= smallest && txsz <= largest ? 'walk' : 'C_BAD_CD'),
  ),
  faultedBytes: decision<(address: bigint, bytes: number) => number>(
    'How many bytes of an access one fault is about; the rest is tried on its own (IHI0070 7.2: an event is for a transaction).',
    '(address: bigint, bytes: number) => number',
    (_address, bytes) => bytes,
  ),
  recordsBadStreamId: decision<(recinvsid: boolean) => boolean>(
    'Whether C_BAD_STREAMID is recorded, given CR2.RECINVSID (IHI0070 6.3.12).',
    '(recinvsid: boolean) => boolean',
    (recinvsid) => recinvsid,
  ),

  twoLevelStays: flag(
    'Whether a stream table that has been two-level stays so when STRTAB_BASE_CFG.FMT says linear (IHI0070 6.3.25).',
    false,
  ),

  bypassMayOutput: decision<(fitsOas: boolean) => boolean>(
    'Whether an address that bypasses both stages may be output (IHI0070 3.4: at most OAS bits).',
    '(fitsOas: boolean) => boolean',
    (fitsOas) => fitsOas,
  ),
  recordsInputBeyondIas: flag(
    'Whether stage-2 input beyond IAS is recorded: as F_ADDR_SIZE where stage 1 is bypassed (IHI0070 3.4), as a stage-2 fault where it is the pointer to a CD.',
    true,
  ),

  translatesTtbsWithCd: flag(
    'Whether both TTBs go through stage 2 when the CD is decoded, used or not, and stay as long as the configuration.',
    false,
  ),
  configurationFaultReads: decision<(transactionReads: boolean) => boolean>(
    "RnW of a fault met while STE and CD are decoded, given the transaction's (IHI0070 7.3.13).",
    '(transactionReads: boolean) => boolean',
    (transactionReads) => transactionReads,
  ),

  ignoresTopByte: decision<(upperHalf: boolean, tbi0: boolean, tbi1: boolean) => boolean>(
    'Whether the top byte is ignored in the half that bit 55 chooses (CD.TBI0, CD.TBI1).',
    '(upperHalf: boolean, tbi0: boolean, tbi1: boolean) => boolean',
    (upperHalf, tbi0, tbi1) => (upperHalf ? tbi1 : tbi0),
  ),
  descriptorAddress: decision<(access: TableAccess, translate: TranslateIpa) => bigint | Fault>(
    'The physical address of a stage-1 descriptor whose table lies in IPA space (IHI0070 3.3.2).',
    '(access: TableAccess, translate: TranslateIpa) => bigint | Fault',
    ({ table, alignment, offset }, translate) => translate((table & ~alignment) | offset),
  ),
  firstDescriptorAddress: decision<(address: bigint, ips: number) => bigint>(
    "The physical address of a descriptor of CD.TTB's table, as stage 2 gave it; `ips` is the effective CD.IPS in bits.",
    '(address: bigint, ips: number) => bigint',
    (address) => address,
  ),
  tableFault: decision<(fault: Fault, access: TableAccess, stage1Records: boolean) => Fault>(
    'The fault that is reported when stage 2 refuses the address of a stage-1 table.',
    '(fault: Fault, access: TableAccess, stage1Records: boolean) => Fault',
    (fault) => fault,
  ),
  tableBeyondOutputSize: decision<
    (owner: TableOwner, known: boolean) => 'input-fault' | 'table-fault' | 'unchecked'
  >(
    'What a next-level table address beyond the output size gives: F_ADDR_SIZE for the input, for the table, or nothing; `known`: stage 2 has just translated another address in the same page or block.',
    "(owner: TableOwner, known: boolean) => 'input-fault' | 'table-fault' | 'unchecked'",
    () => 'input-fault',
  ),
  allowsBlock: decision<(granule: GranuleShift, level: number) => boolean>(
    'Whether a block descriptor is allowed at this level (VMSAv8-64, 48-bit output).',
    '(granule: GranuleShift, level: number) => boolean',
    (granule, level) => level === 2 || (granule === 12 && level === 1),
  ),
  checksOutputSizeFirst: flag(
    'Whether the output size of a leaf is checked before its access flag and permissions (VMSAv8-64 fault priority).',
    true,
  ),
  checksStage1OutputSize: flag(
    'Whether an output address beyond CD.IPS is refused at all (VMSAv8-64, F_ADDR_SIZE).',
    true,
  ),
  distinguishesPrivilege: flag(
    'Whether AP[1], APTable[0] and PAN tell privileged accesses from unprivileged ones.',
    true,
  ),
  hierarchyCounts: flag(
    'Whether APTable and XNTable of the tables above a leaf restrict it (VMSAv8-64, hierarchical permissions).',
    true,
  ),
  checksApTableAtTable: flag('Whether APTable forbids a write at the table, before any deeper fault.', false),

  stage2FirstDescriptor: decision<
    (s2ttb: bigint, alignment: bigint, index: bigint, stride: number) => bigint
  >(
    'The address of a descriptor of the first level of stage 2, where up to 16 tables of 2^stride entries are concatenated; `alignment` has the bits below that of all of them together.',
    '(s2ttb: bigint, alignment: bigint, index: bigint, stride: number) => bigint',
    (s2ttb, alignment, index) => (s2ttb & ~alignment) + (index << 3n),
  ),
  checksS2ptw: flag('Whether STE.S2PTW forbids stage-1 walks through Device memory (IHI0070 5.2).', true),

  reportedName: decision<(name: EventName) => EventName>(
    'Under which name an event is recorded.',
    '(name: EventName) => EventName',
    (name) => name,
  ),
  reportedClass: decision<(used: FaultClass) => FaultClass>(
    'The CLASS field of an event, given what the address was for (IHI0070 7.3).',
    '(used: FaultClass) => FaultClass',
    (used) => used,
  ),
  reportedIpa: decision<(ipa: bigint) => bigint>(
    'The IPA field of an event (IHI0070 7.3: bits [51:12]).',
    '(ipa: bigint) => bigint',
    (ipa) => ipa & ~PAGE_OFFSET,
  ),
  cdFetchAddressWord: choice(
    'The doubleword of F_CD_FETCH that holds FetchAddr (IHI0070 7.3.10).',
    [2, 3],
    3,
  ),
  refusesByCache: flag(
    'Whether a cached translation refuses by itself what it does not permit, a write without an IPA and a read without an event; else that is walked, and faults as on a walk (IHI0070 7.3.16).',
    false,
  ),
  fullEventQueue: choice(
    'What a full event queue changes: EVENTQ_PROD.OVFLG, or the error GERROR.EVENTQ_ABT_ERR (IHI0070 7.4).',
    ['OVFLG', 'EVENTQ_ABT_ERR'],
    'OVFLG',
  ),
  queuedEvent: decision<(words: readonly bigint[]) => readonly bigint[]>(
    "What lands in the event queue's memory of a record.",
    '(words: readonly bigint[]) => readonly bigint[]',
    (words) => words,
  ),

  rangeConfigurations: decision<
    (start: number, range: number) => { readonly first: number; readonly last: number }
  >(
    'The StreamIDs that CMD_CFGI_STE_RANGE is about (IHI0070 4.3.2).',
    '(start: number, range: number) => { readonly first: number; readonly last: number }',
    steRange,
  ),
  invalidatedGranule: decision<(tg: number) => number>(
    'log2 of the granule that a TG field of an invalidation stands for (IHI0070 4.4.1).',
    '(tg: number) => number',
    granuleOf,
  ),
  contextIsValid: decision<(word: bigint) => boolean>(
    'Whether a CD is valid, by its first doubleword (IHI0070 5.4: V is bit 31).',
    '(word: bigint) => boolean',
    (word) => (word & CD_VALID) !== 0n,
  ),
  invalidatedPieces: decision<
    (address: bigint, bytes: bigint, granule: number) => readonly InvalidatedPiece[]
  >(
    'An invalidation by address, piece by piece: each is compared with an entry under its own mask; `granule`: log2, below which address bits are RES0 (IHI0070 4.4.1).',
    '(address: bigint, bytes: bigint, granule: number) => readonly InvalidatedPiece[]',
    (address, bytes, granule) => naturalPieces(address & ~lowMask(granule), bytes),
  ),
  invalidatedIpa: decision<(word: bigint) => bigint>(
    'The address of CMD_TLBI_S2_IPA, of its second doubleword (IHI0070 4.4.3: bits [51:12]).',
    '(word: bigint) => bigint',
    (word) => word & lowMask(52) & ~PAGE_OFFSET,
  ),
  judgesCommands: flag(
    'Whether commands that the ID registers do not have stop the queue with CERROR_ILL (IHI0070 4.1.3).',
    true,
  ),
  commandErrorStays: flag(
    'Whether CMDQ_CONS.ERR stays when the error has been acknowledged (IHI0070 6.3.27: it is UNKNOWN then).',
    false,
  ),
  resetsLast: flag('Whether a system reset reaches the SMMU after the devices in front of it.', true),
  resetForgetsTable: flag(
    'Whether a reset clears STRTAB_BASE and STRTAB_BASE_CFG, which are UNKNOWN then (IHI0070 6.3.24, 6.3.25).',
    true,
  ),
} satisfies Declarations;

export type SmmuArchitectureRules = RulesOf<typeof smmuArchitecturePoints>;

export const smmuArchitectureIntended: SmmuArchitectureRules = intendedOf(smmuArchitecturePoints);
