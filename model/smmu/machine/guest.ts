import type { CommandArgs } from '../../world/command.ts';
import { done, type Result, refused } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import { CDS_PER_PAGE, type GuestMemory, PTES_PER_TABLE, writeCd, writePte } from './guest-memory.ts';
import { PAGE_SHIFT, ramPages } from './mappings.ts';

const GUEST = 'guest:';
const ASIDS = 0x1_0000;

/** Bits of an address that TTB0 and a page descriptor have. */
const TTB_MASK = (1n << 52n) - 1n;
const OUTPUT_MASK = (1n << 48n) - 1n;

/** A guest writes, or clears, a CD in a page of its RAM. */
export function guestWriteCd(tx: Tx, args: CommandArgs['guestWriteCd'], actor: string): Result {
  const { page, slot, valid, asid, table, silent } = args;
  if (slot >= CDS_PER_PAGE) return refused('EINVAL');
  const cd = valid
    ? { asid: asid % ASIDS, table: Number((table & TTB_MASK) >> PAGE_SHIFT), recorded: !silent }
    : null;
  return write(tx, actor, page, (memory) => writeCd(memory, page, slot, cd));
}

/** A guest writes, or clears, a page descriptor in a stage-1 table of its RAM. */
export function guestWritePte(tx: Tx, args: CommandArgs['guestWritePte'], actor: string): Result {
  const { page, index, valid, ipa, readOnly, global } = args;
  if (index >= PTES_PER_TABLE) return refused('EINVAL');
  const pte = valid ? { ipa: Number((ipa & OUTPUT_MASK) >> PAGE_SHIFT), writable: !readOnly, global } : null;
  return write(tx, actor, page, (memory) => writePte(memory, page, index, pte));
}

/** A guest that is there writes to RAM that it has. */
function write(tx: Tx, actor: string, page: number, change: (memory: GuestMemory) => GuestMemory): Result {
  const { machine, vtd, platform } = tx.world;
  const vm = platform.vms.findIndex((name) => actor === GUEST + name);
  const memory = (machine ?? vtd)?.memory[vm];
  if (memory === undefined) return refused('ENODEV');
  if (page >= ramPages(platform)) return refused('EFAULT');
  const changed = change(memory);
  if (changed === memory) return done();
  const replaced = (all: readonly GuestMemory[]) => all.map((old, i) => (i === vm ? changed : old));
  if (machine !== null) tx.world = { ...tx.world, machine: { ...machine, memory: replaced(machine.memory) } };
  else if (vtd !== null) tx.world = { ...tx.world, vtd: { ...vtd, memory: replaced(vtd.memory) } };
  return done();
}
