import type { ReadMemory64 } from '../smmu/architecture/access.ts';
import { smmuArchitectureIntended } from '../smmu/architecture/rules.ts';
import { fetchSte, streamTableOf } from '../smmu/architecture/stream-table.ts';
import type { Words } from '../world/command.ts';
import type { Control } from './control.ts';

/** What says where a guest's stream table is. */
export type TableRegisters = Pick<Control, 'STRTAB_BASE' | 'STRTAB_BASE_CFG' | 'twoLevels'>;

/** The eight words of an entry; `missing`: the table has none for the StreamID; `abort`: memory does not answer there. */
export type SteFound = Words | 'missing' | 'abort';

/** As IHI0070 3.3.1 has it. */
export function findSte(
  { STRTAB_BASE, STRTAB_BASE_CFG }: TableRegisters,
  sidSize: number,
  streamId: number,
  read: ReadMemory64,
): SteFound {
  const table = streamTableOf(STRTAB_BASE, STRTAB_BASE_CFG);
  const found = fetchSte(table, sidSize, false, streamId, read, smmuArchitectureIntended);
  if (!('kind' in found)) return found;
  return found.name === 'F_STE_FETCH' ? 'abort' : 'missing';
}
