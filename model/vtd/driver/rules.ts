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
    'Whether a failing attach of a nested domain has taken the old one away for a while.',
    false,
  ),
  flushedAddressIsChecked: flag(
    'Whether an address that a guest gives to invalidate must be that of a page.',
    true,
  ),
  unmapReachesNestedIds: flag(
    'Whether an unmap of a nesting parent reaches the domain ids of the domains that are nested on it.',
    true,
  ),
  unmapReachesNestedDevices: flag('Whether it reaches the device TLBs of devices that are on those.', true),
  trackingReachesNested: flag(
    'Whether a nesting parent that begins or ends to track writes changes the entries of what is nested on it as well.',
    true,
  ),
  nestedAttachTracks: flag(
    'Whether the entry of what is nested on a parent that tracks writes says so.',
    true,
  ),
  teardownFlushesDomain: flag(
    'Whether the IOTLB is rid of a whole domain id when an entry that has a second stage goes.',
    true,
  ),
  contextChangeFlushesDevice: flag(
    "Whether a legacy-mode context entry that changes takes what the device's TLB holds along.",
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
    'Whether a replace takes the old PASID table entry away before it writes the new one.',
    true,
  ),
  pasidEntryIndex: decision<(pasid: number, attachedAt: readonly number[]) => number>(
    'Which entry a domain is put into that is attached at a PASID, and at others of the device already.',
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
    'log2 of the pages, aligned to their number, that a flush of some pages is made of, when a guest asks for it.',
    '(firstPage: bigint, pages: bigint) => number',
    alignedMask,
  ),
  unmapMask: decision<(firstPage: bigint, pages: bigint) => number>(
    'The same, after the host has unmapped them.',
    '(firstPage: bigint, pages: bigint) => number',
    alignedMask,
  ),
  unmapReachesPasidDevices: flag(
    'Whether an unmap reaches the TLB of a device that is attached by PASIDs only.',
    true,
  ),
  flushOfAllNamesPasid: flag(
    "Whether a flush of everything that a PASID has in a device's TLB says which PASID.",
    true,
  ),
  nestedParentHasBatch: flag(
    'Whether a nesting parent that no device is on itself has what its flushes are gathered in.',
    true,
  ),
  trackingNeedsCoherence: flag(
    'Whether writes are tracked only where hardware snoops the caches when it walks (ECAP.SMPWC).',
    true,
  ),
} satisfies Declarations;

export type VtdRules = RulesOf<typeof vtdPoints>;

export const vtdIntended: VtdRules = intendedOf(vtdPoints);
