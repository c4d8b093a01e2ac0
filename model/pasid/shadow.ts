import type { PasidPlatform } from '../platform/pasid.ts';
import { ledTo } from './context.ts';
import { type Assigned, hostPage, NO_CONTEXT, type PasidMachine, type ShadowTable } from './machine.ts';
import type { PasidRules } from './rules.ts';

/**
 * Both stages of a guest's address space merged into one: what its tables make of each page, through the host's mapping
 * of its memory. `entry` as a VMM reads it: null where the guest has set up nothing.
 */
export function merged(
  platform: PasidPlatform,
  machine: PasidMachine,
  vm: number,
  table: number | null,
): ShadowTable {
  return Array.from({ length: platform.iovaPages }, (_, iova) => {
    const page = table === null ? iova : (machine.tables[vm]?.[table]?.[iova] ?? null);
    return page === null || page >= platform.ramPages ? null : hostPage(platform, vm, page);
  });
}

/**
 * The stage-1 table that a guest asks for under one of its PASIDs, by the context entry that was read last; null: none, its
 * requests pass stage 1 by; `undefined`: they are to abort.
 */
export function tableAskedFor(
  { read, guest }: Assigned,
  pasid: number,
  rules: PasidRules,
): number | null | undefined {
  const context = rules.contextIsReadWhole ? read : { ...NO_CONTEXT, translates: read.translates };
  const led = ledTo(context, pasid);
  if (led !== 'entry') return led === 'bypass' ? null : undefined;
  const entry = guest.entries[pasid] ?? null;
  if (entry === null || (rules.checksPresent && !entry.present)) return undefined;
  return entry.table;
}
