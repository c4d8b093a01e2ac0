import { decode } from '../../../spec/bits.ts';
import { cd } from '../../../spec/smmuv3/cd.ts';
import type { World } from '../../world/world.ts';
import type { ContextTable } from '../architecture/ste.ts';
import { structureAt } from '../driver/layout.ts';
import { CD_BYTES, CDS_PER_PAGE, type Cd, type GuestPage, type Pte } from './guest-memory.ts';
import { PAGE_SHIFT, pageOf, ramPageAt } from './mappings.ts';

/** What a guest keeps in a page of memory; null where it is no guest's, or holds no table. */
function guestPageAt(world: World, page: number): GuestPage | null {
  const ram = ramPageAt(world.platform, page);
  return ram === null ? null : ((world.machine ?? world.vtd)?.memory[ram.vm]?.[ram.page] ?? null);
}

/** Where a CD lies: an IPA, by page and 64-byte slot. */
export interface CdPlace {
  readonly address: bigint;
  readonly page: number;
  readonly slot: number;
}

export function cdPlace({ pointer }: ContextTable, index: number): CdPlace {
  const address = pointer + BigInt(index * CD_BYTES);
  const slot = Number(address / BigInt(CD_BYTES)) % CDS_PER_PAGE;
  return { address, page: Number(address >> PAGE_SHIFT), slot };
}

/**
 * Whether tables can be read through a page of memory: a doorbell is Device memory, and STE.S2PTW keeps the SMMU's own
 * fetches from it.
 */
export function holdsTables(world: World, page: number): boolean {
  return ramPageAt(world.platform, page) !== null;
}

/** The CD in a slot of a page of memory; null where it is not valid. */
export function guestCdAt(world: World, page: number, slot: number): Cd | null {
  const content = guestPageAt(world, page);
  return content?.kind === 'contexts' ? (content.slots[slot] ?? null) : null;
}

/** The page descriptors of a table that a guest keeps in a page of memory, by VA page. */
export function guestTableAt(world: World, page: number): readonly (Pte | null)[] {
  const content = guestPageAt(world, page);
  return content?.kind === 'table' ? content.entries : [];
}

/** The CD of one of the host's own stage-1 domains, by its address. */
export function hostCdAt(world: World, pointer: bigint): Cd | null {
  const structure = structureAt(pointer);
  if (structure?.kind !== 'context') return null;
  const words = world.machine?.driver.contexts[structure.device] ?? [];
  const { V, ASID, TTB0, R } = decode(cd, words);
  return V === 0 ? null : { asid: ASID, table: pageOf(TTB0), recorded: R === 1 };
}

/** How many CDs a stream has: those with indices below. */
export function cdCount({ log2Size }: ContextTable): number {
  return 2 ** log2Size;
}

/** The SubstreamID of traffic that a CD serves; null: traffic without one. */
export function ssidOf({ log2Size, withoutSubstream }: ContextTable, index: number): number | null {
  return index === 0 && (log2Size === 0 || withoutSubstream === 'substream-0') ? null : index;
}
