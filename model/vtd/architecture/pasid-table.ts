import { decode, maskOf } from '../../../spec/bits.ts';
import {
  type PasidEntry,
  Pgtt,
  pasidDirectoryEntry,
  pasidEntry,
  scalableContext,
} from '../../../spec/vtd/entries.ts';
import { beyond } from './address.ts';
import { type VtdFault, type VtdRequest, vtdFault, type WalkMemory } from './outcome.ts';
import type { VtdArchitectureRules } from './rules.ts';
import { hasWidth, type VtdUnit } from './unit.ts';

/** A PASID table entry, and whether an FPD bit on the way to it or in it is set. */
export interface FetchedEntry {
  readonly kind: 'entry';
  readonly words: readonly bigint[];
  readonly fpd: boolean;
}

const PASIDS_PER_TABLE = 64;
const DIRECTORY_BITS = 7;
const ENTRY_BYTES = 64n;
const ENTRY_WORDS = 8;
const DIRECTORY_MASK = maskOf(pasidDirectoryEntry)[0] ?? 0n;
const ENTRY_MASK = maskOf(pasidEntry);

/** The PASID that serves a request, or why none does (VT-d 3.4.3; SCT.6, SCT.7, SCT.9). */
export function servingPasid(
  unit: VtdUnit,
  context: readonly bigint[],
  request: VtdRequest,
  rules: VtdArchitectureRules,
): number | VtdFault {
  const { FPD, PASIDE, PDTS, RID_PASID } = decode(scalableContext, context);
  const disabled = FPD === 1;
  const most = 2 ** (PDTS + DIRECTORY_BITS) * PASIDS_PER_TABLE;
  const tooLarge = (pasid: number): boolean => rules.directorySizeIsChecked && pasid >= most;
  if (request.pasid === undefined) {
    const pasid = unit.ridPasid && rules.ridPasidIsUsed ? RID_PASID : 0;
    return tooLarge(pasid) ? vtdFault('ridPasidInvalid', disabled) : pasid;
  }
  if (PASIDE === 0) return vtdFault('pasidNotEnabled', disabled);
  return tooLarge(request.pasid) ? vtdFault('pasidBeyondDirectory', disabled) : request.pasid;
}

/** The entry of a PASID, present and legal, or the fault (SPD, SPT). */
export function fetchPasidEntry(
  unit: VtdUnit,
  context: readonly bigint[],
  pasid: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): FetchedEntry | VtdFault {
  const { FPD, PASIDDIRPTR } = decode(scalableContext, context);
  const byContext = FPD === 1;
  const covers = rules.fpdCoversPasidTable;
  const word = memory.read(PASIDDIRPTR + BigInt(Math.floor(pasid / PASIDS_PER_TABLE)) * 8n);
  if (word === undefined) return vtdFault('directoryAccess', byContext);
  const directory = decode(pasidDirectoryEntry, [word]);
  const byDirectory = byContext || directory.FPD === 1;
  const disabled = covers ? byDirectory : byContext;
  if (directory.P === 0) return vtdFault('directoryNotPresent', disabled);
  if (rules.directoryReservedIsChecked && (word & ~(DIRECTORY_MASK & ~beyond(unit.hostBits))) !== 0n)
    return vtdFault('directoryReserved', disabled);
  const words = memory.readAll(
    directory.SMPTBLPTR + BigInt(pasid % PASIDS_PER_TABLE) * ENTRY_BYTES,
    ENTRY_WORDS,
  );
  if (words === undefined) return vtdFault('entryAccess', disabled);
  const entry = decode(pasidEntry, words);
  const fpd = byDirectory || entry.FPD === 1;
  const condition = objectionToEntry(unit, words, rules);
  if (condition !== null) return vtdFault(condition, covers ? fpd : byContext);
  return { kind: 'entry', words, fpd };
}

/** Why a PASID table entry serves nothing: it is absent, or not legal on this unit. */
export function objectionToEntry(
  unit: VtdUnit,
  words: readonly bigint[],
  rules: VtdArchitectureRules,
): 'entryNotPresent' | 'entryReserved' | 'entryInvalid' | null {
  const entry = decode(pasidEntry, words);
  const legal = isLegal(unit, entry, rules);
  if (!rules.presenceComesFirst && !legal) return 'entryInvalid';
  if (entry.P === 0) return 'entryNotPresent';
  if (rules.pasidEntryReservedIsChecked && isReserved(unit, entry, words)) return 'entryReserved';
  return legal ? null : 'entryInvalid';
}

/** SPT.4: a translation, widths and levels that the unit has. AW means nothing to a first stage alone. */
export function isLegal(unit: VtdUnit, { PGTT, AW, FSPM }: PasidEntry, rules: VtdArchitectureRules): boolean {
  const firstStage = FSPM === 0 || (FSPM === 1 && unit.fiveLevels);
  switch (PGTT) {
    case Pgtt.First:
      return unit.firstStage && firstStage;
    case Pgtt.Second:
      return unit.secondStage && hasWidth(unit, AW);
    case Pgtt.Nested:
      return unit.nesting && firstStage && hasWidth(unit, AW);
    case Pgtt.PassThrough:
      return unit.passThrough && (!rules.passThroughWidthIsChecked || hasWidth(unit, AW));
    default:
      return false;
  }
}

/** SPT.3: bits that no field has, fields of what the unit lacks, and addresses beyond the host's. */
function isReserved(unit: VtdUnit, entry: PasidEntry, words: readonly bigint[]): boolean {
  if (words.some((word, index) => (word & ~(ENTRY_MASK[index] ?? 0n)) !== 0n)) return true;
  const tooFar = beyond(unit.hostBits);
  return (
    entry.DID >> unit.domainIdBits !== 0 ||
    (entry.SSADE === 1 && !unit.secondStageFlags) ||
    (entry.PGSNP === 1 && !unit.snoopControl) ||
    (entry.SRE === 1 && !unit.supervisorRequests) ||
    (entry.ERE === 1 && !unit.executeRequests) ||
    (entry.EAFE === 1 && !unit.extendedAccessed) ||
    (usesSecond(entry) && (entry.SSPTPTR & tooFar) !== 0n) ||
    // In a nested translation it is a guest's address.
    (entry.PGTT === Pgtt.First && (entry.FSPTPTR & tooFar) !== 0n)
  );
}

function usesSecond({ PGTT }: PasidEntry): boolean {
  return PGTT === Pgtt.Second || PGTT === Pgtt.Nested;
}
