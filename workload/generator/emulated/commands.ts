import { NO_ASID, type TlbEntry } from '../../../model/smmu/qemu/tlb.ts';
import { maskOf } from '../../../spec/bits.ts';
import { type CommandName, commands, encodeCommand } from '../../../spec/smmuv3/command.ts';
import type { EmulatedLayout } from '../../scopes/emulated-memory.ts';
import { type Draw, oneIn, pick, pickAny } from '../choice.ts';
import { drawWord } from './any-field.ts';
import { device, drawStream, type EmulatedMove, guest, PAGE_COUNT } from './move.ts';

/** A page that stage 1 maps, or one of the IPAs behind them. */
function drawAddress({ pages }: EmulatedLayout, draw: Draw): bigint {
  const page = BigInt(draw(PAGE_COUNT)) * 0x1000n;
  return oneIn(3, draw) ? pages + page : page;
}

/** Tags that CDs and STEs have, and others; 0 is one too, and some differ in their upper byte alone. */
const ASIDS: readonly number[] = [1, 1, 2, 2, 0, 3, 0x101];
const VMIDS: readonly number[] = [0, 0, 1, 1, 1, 2, 0x101];

/** An invalidation of a page, or of a run of pages that need not be a power of two. */
function drawInvalidation(layout: EmulatedLayout, draw: Draw): readonly bigint[] {
  const Address = drawAddress(layout, draw);
  const range = oneIn(3, draw) ? {} : drawRange(draw);
  const ASID = pick(ASIDS, draw);
  const VMID = pick(VMIDS, draw);
  switch (draw(8)) {
    case 0:
      return encodeCommand('TLBI_NSNH_ALL');
    case 1:
      return encodeCommand('TLBI_NH_ASID', { ASID, VMID });
    case 2:
      return encodeCommand('TLBI_NH_ALL', { VMID });
    case 3:
      return encodeCommand('TLBI_S12_VMALL', { VMID });
    case 4:
      return encodeCommand('TLBI_S2_IPA', { VMID, Address, ...range });
    case 5:
      return encodeCommand('TLBI_NH_VAA', { VMID, Address, ...range });
    default:
      return encodeCommand('TLBI_NH_VA', { ASID, VMID, Address, ...range });
  }
}

/** A range: mostly of granules of 4 KiB and a few of them; at times of others, scaled, with a level or none. */
function drawRange(draw: Draw): { TG: number; NUM: number; SCALE: number; TTL: number } {
  return {
    TG: oneIn(3, draw) ? draw(4) : 1,
    NUM: oneIn(8, draw) ? draw(32) : draw(PAGE_COUNT),
    SCALE: oneIn(3, draw) ? draw(4) : 0,
    TTL: oneIn(3, draw) ? draw(4) : 0,
  };
}

/** An invalidation of one that is cached: by itself, with its level, or of a run of pages that begins and ends anywhere around it. */
function invalidationOf(entry: TlbEntry | undefined, draw: Draw): readonly bigint[] | null {
  if (entry === undefined) return null;
  const { asid, vmid: VMID, input, level: TTL } = entry;
  const before = oneIn(3, draw) ? 0 : draw(4);
  const Address = input - BigInt(before) * 0x1000n;
  if (Address < 0n) return null;
  const range = before === 0 && oneIn(2, draw) ? { TG: 1, NUM: 0, TTL } : { TG: 1, NUM: before + draw(2) };
  if (asid === NO_ASID) return encodeCommand('TLBI_S2_IPA', { VMID, Address, ...range });
  if (oneIn(6, draw)) return encodeCommand('TLBI_NH_VAA', { VMID, Address, ...range });
  return encodeCommand('TLBI_NH_VA', { ASID: asid, VMID, Address, ...range });
}

function drawConfiguration(layout: EmulatedLayout, draw: Draw): readonly bigint[] {
  const StreamID = drawStream(layout, draw);
  switch (draw(5)) {
    case 4:
      return encodeCommand('CFGI_CD', { StreamID, Leaf: 1 });
    case 0:
      return encodeCommand('CFGI_STE_RANGE', { StreamID: oneIn(2, draw) ? 0 : StreamID, Range: 31 });
    case 1:
      return encodeCommand('CFGI_STE_RANGE', { StreamID, Range: draw(3) });
    case 2:
      return encodeCommand('CFGI_CD_ALL', { StreamID });
    default:
      return encodeCommand('CFGI_STE', { StreamID, Leaf: 1 });
  }
}

const NAMES = Object.keys(commands) as CommandName[];

/** Any command there is, or none, with any bits in its fields: legal by the ID registers or not. */
function drawAny(draw: Draw): readonly bigint[] {
  if (oneIn(12, draw)) return [BigInt(draw(0x100)), 0n];
  const name = pick(NAMES, draw);
  const [first = 0n, second = 0n] = encodeCommand(name, {});
  const [mask = 0n, other = 0n] = maskOf(commands[name].layout);
  return [first | (drawWord(draw) & mask), second | (drawWord(draw) & other)];
}

const acknowledge: EmulatedMove = {
  weight: ({ twin, smmu }) => (twin.gerror !== twin.gerrorn || smmu.gerror !== smmu.gerrorn ? 30 : 0),
  make: () => guest('emulatedAcknowledge', {}),
};

const issueCommands: EmulatedMove = {
  weight: ({ twin }) => (twin.tlb.length > 0 || Object.keys(twin.configurations).length > 0 ? 14 : 1),
  make({ twin: { tlb } }, draw, layout) {
    const words: bigint[] = [];
    for (let count = 1 + draw(2); count > 0; count--) {
      const covering = oneIn(3, draw) ? invalidationOf(pickAny(tlb, draw), draw) : null;
      words.push(
        ...(oneIn(16, draw)
          ? drawAny(draw)
          : (covering ??
            (oneIn(2, draw) ? drawInvalidation(layout, draw) : drawConfiguration(layout, draw)))),
      );
    }
    return guest('emulatedCommands', { words });
  },
};

/** Mostly where something is cached: what becomes of that is the question. */
const dma: EmulatedMove = {
  weight: ({ twin }) => (twin.enabled ? 50 : 2),
  make({ twin: { tlb } }, draw, layout) {
    const cached = oneIn(2, draw) ? pickAny(tlb, draw) : undefined;
    const address = cached === undefined ? drawAddress(layout, draw) : cached.input;
    const args = {
      stream: drawStream(layout, draw),
      iova: address + (oneIn(6, draw) ? 0x10n : 0n),
    };
    return device(oneIn(3, draw) ? { ...args, write: true } : args);
  },
};

const readEvents: EmulatedMove = {
  weight: ({ events }) => (events.length > 0 ? 4 : 1),
  make: () => guest('emulatedEvents', {}),
};

/** What goes through queues, and what devices do. */
export const COMMAND_MOVES = [issueCommands, acknowledge, dma, readEvents] as const;
