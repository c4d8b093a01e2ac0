import type { Tx } from '../world/tx.ts';
import type { MemoryEnv } from './iopt/pages.ts';
import { countsPages, pinnedBy } from './mock-state.ts';

/** What mapping and pinning ask of the world. */
export function memoryEnv(tx: Tx): MemoryEnv {
  const { platform, files, processes } = tx.world;
  const { kernel, userMemory } = platform;
  return countsPages(tx)
    ? { kernel, userMemory, files, processes, isPinned: pinnedBy(tx) }
    : { kernel, userMemory, files, processes };
}
