import type { World } from '../../world/world.ts';
import { mappingsOf } from './domains.ts';
import { structureAt, tablesAddress } from './layout.ts';
import type { DriverState } from './state.ts';
import { readDescriptor } from './tables.ts';

/** The word at an address of the driver's own memory: CDs, and the tables of domains in use. Undefined elsewhere. */
export function readDriverMemory(state: DriverState, world: World, address: bigint): bigint | undefined {
  const structure = structureAt(address);
  if (structure === null) return undefined;
  if (structure.kind === 'context') return state.contexts[structure.device]?.[structure.offset / 8];
  const ref = state.placed[structure.place] ?? null;
  const mappings = ref === null ? null : mappingsOf(world, ref);
  if (mappings === null) return undefined;
  return readDescriptor(mappings, tablesAddress(structure.place), structure.offset, world.platform);
}
