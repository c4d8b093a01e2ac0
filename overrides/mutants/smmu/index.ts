import type { Override } from '../../../model/rules.ts';
import { atcBeforeEntry } from './atc-before-entry.ts';
import { cdWithoutCfgi } from './cd-without-cfgi.ts';
import { guestCommandsUnsynced } from './guest-commands-unsynced.ts';
import { resetKeepsCaches } from './reset-keeps-caches.ts';
import { s1UnmapWrongAsid } from './s1-unmap-wrong-asid.ts';
import { stagesWithoutSync } from './stages-without-sync.ts';
import { steBeforeCd } from './ste-before-cd.ts';
import { tagFlushedFirst } from './tag-flushed-first.ts';
import { tagNeverFlushed } from './tag-never-flushed.ts';
import { unmapMissesNestedTags } from './unmap-misses-nested-tags.ts';

/** What the driver writes and invalidates, each step of it left out or put in the wrong place. */
export const SMMU_MUTANTS: readonly Override[] = [
  cdWithoutCfgi,
  steBeforeCd,
  s1UnmapWrongAsid,
  unmapMissesNestedTags,
  stagesWithoutSync,
  tagNeverFlushed,
  tagFlushedFirst,
  atcBeforeEntry,
  guestCommandsUnsynced,
  resetKeepsCaches,
];
