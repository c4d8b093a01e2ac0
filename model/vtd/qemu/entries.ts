import { decode } from '../../../spec/bits.ts';
import {
  ContextTt,
  legacyContext,
  Pgtt,
  pasidDirectoryEntry,
  pasidEntry,
  scalableContext,
} from '../../../spec/vtd/entries.ts';
import { fetchContext } from '../architecture/context.ts';
import { type VtdFault, vtdFault, type WalkMemory } from '../architecture/outcome.ts';
import { fetchPasidEntry, isLegal } from '../architecture/pasid-table.ts';
import type { VtdArchitectureRules } from '../architecture/rules.ts';
import type { QemuVtd } from './unit.ts';

/** The entry of a request without a PASID. */
export const NO_PASID = 0;

/** A context entry from memory; in scalable mode only if its PASID table entry is present and legal. */
export function checkedContext(
  vtd: QemuVtd,
  sourceId: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): readonly bigint[] | VtdFault {
  if (vtd.root.mode === 'invalid') return vtdFault('tableMode', false);
  const context = fetchContext(vtd.unit, vtd.root, sourceId, memory, rules);
  if ('kind' in context || vtd.root.mode === 'legacy') return context;
  const entry = fetchPasidEntry(vtd.unit, context, NO_PASID, memory, rules);
  return entry.kind === 'fault' ? entry : context;
}

/**
 * Whether FPD is set in a context entry or, if it is not, in the PASID directory or table entry behind it. These are read for
 * it each time, and are checked on the way as far as they are needed: a fault of theirs is always recorded.
 */
export function faultsDisabled(
  vtd: QemuVtd,
  context: readonly bigint[],
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): boolean | VtdFault {
  if (((context[0] ?? 0n) & 2n) !== 0n) return true;
  if (vtd.root.mode === 'legacy') return false;
  const directory = memory.read(decode(scalableContext, context).PASIDDIRPTR);
  if (directory === undefined) return vtdFault('directoryAccess', false);
  const { FPD, P, SMPTBLPTR } = decode(pasidDirectoryEntry, [directory]);
  if (FPD === 1) return true;
  if (P === 0) return vtdFault('directoryNotPresent', false);
  const words = memory.readAll(SMPTBLPTR, pasidEntry.words);
  if (words === undefined) return vtdFault('entryAccess', false);
  const entry = decode(pasidEntry, words);
  return isLegal(vtd.unit, entry, rules) ? entry.FPD === 1 : vtdFault('entryInvalid', false);
}

const NOTHING = Object.freeze(new Array<bigint>(pasidEntry.words).fill(0n));

/** A PASID table entry as it stands, whatever it is, and whether FPD is set on the way to it or in it. */
export function rawPasidEntry(
  context: readonly bigint[],
  memory: WalkMemory,
): { readonly words: readonly bigint[]; readonly fpd: boolean } {
  const { FPD: contextFpd, PASIDDIRPTR } = decode(scalableContext, context);
  const { P, FPD, SMPTBLPTR } = decode(pasidDirectoryEntry, [memory.read(PASIDDIRPTR) ?? 0n]);
  const words = P === 0 ? NOTHING : (memory.readAll(SMPTBLPTR, pasidEntry.words) ?? NOTHING);
  return { words, fpd: contextFpd === 1 || FPD === 1 || ((words[0] ?? 0n) & 2n) !== 0n };
}

/** Whether a context entry, or the PASID table entry behind it, passes requests through. */
export function passesThrough(
  vtd: QemuVtd,
  context: readonly bigint[],
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): boolean {
  if (vtd.root.mode === 'legacy') return decode(legacyContext, context).TT === ContextTt.PassThrough;
  const entry = fetchPasidEntry(vtd.unit, context, NO_PASID, memory, rules);
  return entry.kind === 'entry' && decode(pasidEntry, entry.words).PGTT === Pgtt.PassThrough;
}
