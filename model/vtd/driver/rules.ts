import type { Words } from '../../world/command.ts';
import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../../world/declare.ts';
import { clearContext } from './context-update.ts';
import { updatePasidEntry } from './entry-update.ts';
import { alignedMask } from './mask.ts';

declare module '../../world/rules.ts' {
  interface Rules {
    readonly vtd: VtdRules;
  }
}

/** What Linux's driver of a VT-d remapping unit does, and when: its decision points. */
export const vtdPoints = {
  nestParentRefusesReadOnly: flag(
    'Whether a nesting parent refuses read-only mappings (erratum 772415).',
    true,
  ),
  failedNestedAttachBlocks: flag(
    "Whether a nested attach that fails blocks the device's DMA for a moment.",
    false,
  ),
  flushedAddressIsChecked: flag('Whether an address that a guest invalidates must be page-aligned.', true),
  unmapReachesNestedIds: flag(
    'Whether an unmap of a nesting parent flushes the domain ids of the domains nested on it.',
    true,
  ),
  unmapReachesNestedDevices: flag(
    'Whether an unmap of a nesting parent flushes the device TLBs of devices nested on it.',
    true,
  ),
  trackingReachesNested: flag(
    'Whether starting or stopping dirty tracking on a nesting parent changes the entries of what is nested on it.',
    true,
  ),
  nestedAttachTracks: flag(
    'Whether a nested domain that is attached while its parent tracks writes tracks them too.',
    true,
  ),
  teardownFlushesDomain: flag(
    'Whether the whole domain id is flushed from the IOTLB when an entry with a second stage is removed.',
    true,
  ),
  contextChangeFlushesDevice: flag(
    "Whether a change of a legacy-mode context entry flushes the device's TLB.",
    true,
  ),
  aliasesShareTable: flag(
    'Whether devices whose requests a bridge forwards under one ID share a PASID table.',
    false,
  ),
  leafWrittenBackFirst: flag(
    'Whether a page of PASID table entries is written back from the caches before the directory entry is stored that leads to it.',
    true,
  ),
  contextChangeFlushesPasids: flag(
    "Whether the entries of a device's PASID table are taken away, and flushed, before the context entry that leads to it.",
    true,
  ),
  replaceBreaksFirst: flag(
    'Whether a replace clears the old PASID table entry before it writes the new one.',
    true,
  ),
  pasidEntryIndex: decision<(pasid: number, attachedAt: readonly number[]) => number>(
    'Which PASID table entry is written when a domain is attached at a PASID of a device that has it at others already.',
    '(pasid: number, attachedAt: readonly number[]) => number',
    (pasid) => pasid,
  ),
  pasidEntryUpdate: decision<(current: Words, target: Words) => readonly Words[]>(
    'The values that a PASID table entry takes on its way to another.',
    '(current: Words, target: Words) => readonly Words[]',
    updatePasidEntry,
  ),
  contextClear: decision<(current: Words) => readonly Words[]>(
    'The values that a context entry takes when it is cleared.',
    '(current: Words) => readonly Words[]',
    clearContext,
  ),
  flushMask: decision<(firstPage: bigint, pages: bigint) => number>(
    "log2 of the pages, aligned to their number, that a guest's flush of several pages covers.",
    '(firstPage: bigint, pages: bigint) => number',
    alignedMask,
  ),
  unmapMask: decision<(firstPage: bigint, pages: bigint) => number>(
    'log2 of the pages, aligned to their number, that the flush after an unmap covers.',
    '(firstPage: bigint, pages: bigint) => number',
    alignedMask,
  ),
  unmapReachesPasidDevices: flag(
    'Whether an unmap flushes the TLB of a device that is attached by PASIDs only.',
    true,
  ),
  flushOfAllNamesPasid: flag(
    "Whether a flush of everything that a PASID has in a device's TLB names the PASID.",
    true,
  ),
  nestedParentHasBatch: flag(
    'Whether a nesting parent without a device of its own has a batch for its flushes.',
    true,
  ),
  trackingNeedsCoherence: flag(
    'Whether writes are tracked only where hardware snoops the caches when it walks (ECAP.SMPWC).',
    true,
  ),
} satisfies Declarations;

export type VtdRules = RulesOf<typeof vtdPoints>;

export const vtdIntended: VtdRules = intendedOf(vtdPoints);
