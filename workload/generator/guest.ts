import type { Call } from '../../model/call.ts';
import type { Work } from '../../model/smmu/machine/machine.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import { PAGE } from './values.ts';
import type { View } from './view.ts';

/** Where a VMM puts the first pages of its guest's RAM: page n lies at this IPA plus n pages. */
export const RAM_IPA = 0x4_0000n;

/** Pages of RAM that guests use: one of CDs, two tables, two of data; any of them may be taken for another. */
export const RAM_PAGES = 5;

/** Where guests mostly keep CDs. */
const CONTEXTS_PAGE = 0;

/** ASIDs, VA pages and CDs are few, so that they meet. */
const ASIDS = 2;
const VA_PAGES = 2;
const CDS = 2;

/** The IPA of a page of RAM; seldom one where nothing is, or a doorbell, or beyond every table. */
export function drawIpa(draw: Draw): bigint {
  if (oneIn(12, draw)) return pick([0x4000n, 0x800_0000n, 1n << 44n], draw);
  return RAM_IPA + BigInt(draw(RAM_PAGES)) * PAGE;
}

export function drawVa(draw: Draw): bigint {
  return BigInt(1 + draw(VA_PAGES)) * PAGE;
}

export function drawAsid(draw: Draw): number {
  return 1 + draw(ASIDS);
}

export function drawSsid(draw: Draw): number {
  return oneIn(3, draw) ? draw(CDS) : 0;
}

/** A virtual machine's guest, mostly the one that the view's process runs. */
function guestOf(view: View, draw: Draw): string {
  const { vms } = view.world.platform;
  return `guest:${oneIn(8, draw) ? pick(vms, draw) : view.actor.slice('vmm:'.length)}`;
}

/** A guest writes or clears a CD, mostly where its STEs point. */
export function writeCd(view: View, draw: Draw): Call {
  const place = { page: oneIn(6, draw) ? draw(RAM_PAGES) : CONTEXTS_PAGE, slot: drawSsid(draw) };
  const actor = guestOf(view, draw);
  if (oneIn(60, draw)) return { actor, command: 'guestWriteCd', args: { ...place, slot: 64 } };
  if (oneIn(10, draw)) return { actor, command: 'guestWriteCd', args: place };
  const table = oneIn(6, draw) ? drawIpa(draw) : RAM_IPA + BigInt(1 + draw(2)) * PAGE;
  const args = { ...place, valid: true, asid: drawAsid(draw), table, silent: oneIn(4, draw) };
  return { actor, command: 'guestWriteCd', args };
}

/** A guest writes or clears a page descriptor, mostly where its CDs point. */
export function writePte(view: View, draw: Draw): Call {
  const page = oneIn(8, draw) ? draw(RAM_PAGES) : 1 + draw(2);
  const place = { page, index: 1 + draw(VA_PAGES) };
  const actor = guestOf(view, draw);
  if (oneIn(60, draw)) return { actor, command: 'guestWritePte', args: { ...place, page: 1 << 20 } };
  if (oneIn(4, draw)) return { actor, command: 'guestWritePte', args: place };
  const flags = { readOnly: oneIn(4, draw), global: oneIn(4, draw) };
  return { actor, command: 'guestWritePte', args: { ...place, valid: true, ipa: drawIpa(draw), ...flags } };
}

/** The first CD of the guest, or a descriptor in its table, as long as it lacks one; null where it has both. */
export function buildTables(view: View, draw: Draw): Call | null {
  const { machine, platform } = view.world;
  const vm = view.actor.slice('vmm:'.length);
  const memory = machine?.memory[platform.vms.indexOf(vm)] ?? [];
  const actor = `guest:${vm}`;
  const contexts = memory[CONTEXTS_PAGE];
  const cd = contexts?.kind === 'contexts' ? (contexts.slots[0] ?? null) : null;
  if (cd === null) {
    const table = RAM_IPA + BigInt(1 + draw(2)) * PAGE;
    const args = { page: CONTEXTS_PAGE, slot: 0, valid: true, asid: drawAsid(draw), table, silent: false };
    return { actor, command: 'guestWriteCd', args };
  }
  const page = cd.table - Number(RAM_IPA / PAGE);
  if (page < 0 || page >= RAM_PAGES || memory[page]?.kind === 'table') return null;
  const place = { page, index: 1 + draw(VA_PAGES), valid: true };
  return { actor, command: 'guestWritePte', args: { ...place, ipa: drawIpa(draw), global: oneIn(4, draw) } };
}

/** DMA of the device whose entry is written next, while the driver is at it. */
export function dmaBetween(view: View, { left }: Work, draw: Draw): Call {
  const write = left.find((action) => action.kind === 'writeSte');
  const device = view.world.platform.devices.find(
    ({ iommu, streamIds }) => write?.smmu === iommu && streamIds.includes(write.streamId),
  );
  const call = dma(view, draw);
  if (write === undefined || device === undefined) return call;
  const stream = device.streamIds.indexOf(write.streamId);
  return { ...call, actor: `device:${device.id}`, args: { ...call.args, stream } };
}

/** A device reads or writes, at an address of its guest's or at one of its own making. */
export function dma(view: View, draw: Draw): Call {
  const { groups, platform } = view.world;
  const attached = platform.devices.filter(({ group }) => groups[group]?.domain.kind === 'hwpt');
  const { id, streamIds, ats } = pick(
    attached.length === 0 || oneIn(8, draw) ? platform.devices : attached,
    draw,
  );
  const iova = oneIn(3, draw) ? drawIpa(draw) : drawVa(draw);
  const substream = oneIn(6, draw) ? { ssv: true, ssid: drawSsid(draw) } : {};
  const translated = ats === true && oneIn(3, draw);
  const args = { iova, write: oneIn(2, draw), stream: draw(streamIds.length), ...substream, translated };
  return { actor: `device:${id}`, command: 'dma', args };
}
