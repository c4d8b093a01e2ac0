import type { Emulated } from '../../../model/smmu/emulated/emulated.ts';
import { encode } from '../../../spec/bits.ts';
import { type Cd, cd } from '../../../spec/smmuv3/cd.ts';
import { AddressSize, l1StreamTableDescriptor, type Ste, SteConfig, ste } from '../../../spec/smmuv3/ste.ts';
import {
  CD_COUNT,
  cdAt,
  contextWords,
  type EmulatedLayout,
  STAGE1_PAGE,
  STAGE2_PAGE,
} from '../../scopes/emulated-memory.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import { withAnyField } from './any-field.ts';
import { drawStream, type EmulatedMove, guest, PAGE_COUNT } from './move.ts';

const STE_BYTES = 64n;
const ARRAY_BYTES = 0x1000n;
const SPLIT = 64;

/** Where the guest puts the STE of a StreamID, in the table that it has told the SMMU of. */
function steAt(layout: EmulatedLayout, { twin }: Emulated, stream: number): bigint {
  const table = twin.stes.kind === 'memory' ? twin.stes.table : null;
  if (table === null || table.split === null) {
    const size = STE_BYTES << BigInt(table?.log2Size ?? 0);
    return ((table?.base ?? 0n) & ~(size - 1n)) + BigInt(stream) * STE_BYTES;
  }
  return arrayOf(layout, Math.floor(stream / SPLIT)) + BigInt(stream % SPLIT) * STE_BYTES;
}

function arrayOf({ l2Arrays }: EmulatedLayout, l1Index: number): bigint {
  return l2Arrays + BigInt(l1Index) * ARRAY_BYTES;
}

/** Mostly the same, so that streams share what is cached; one differs in its upper byte alone. */
const VMIDS: readonly number[] = [1, 1, 1, 1, 2, 0x101];

const STAGE2: Partial<Ste> = {
  S2T0SZ: 24,
  S2SL0: 1,
  S2PS: AddressSize.Bits44,
  S2AA64: 1,
  S2R: 1,
};

const CONFIGS: readonly number[] = [
  SteConfig.S1Trans,
  SteConfig.S1Trans,
  SteConfig.Nested,
  SteConfig.Nested,
  SteConfig.S2Trans,
  SteConfig.Bypass,
  SteConfig.Abort,
];

const storeSte: EmulatedMove = {
  weight: () => 16,
  make(emulated, draw, layout) {
    const Config = pick(CONFIGS, draw);
    const pointer = cdAt(layout, draw(CD_COUNT));
    const stage2 =
      (Config & 2) === 0 ? {} : { ...STAGE2, S2VMID: pick(VMIDS, draw), S2TTB: layout.stage2Root };
    const legal = encode(ste, { V: 1, Config, S1ContextPtr: pointer, ...stage2 });
    const any = oneIn(6, draw) ? withAnyField(ste, legal, draw) : legal;
    const words = oneIn(12, draw) ? new Array<bigint>(8).fill(0n) : any;
    return guest('emulatedStore', { address: steAt(layout, emulated, drawStream(layout, draw)), words });
  },
};

/** L1STD.Span: arrays of one entry, of all, of fewer than asked for, none, and reserved values. */
const SPANS: readonly number[] = [7, 7, 7, 1, 2, 0, 11, 12, 16, 17, 23];

/** Only a two-level table has descriptors. */
const storeL1: EmulatedMove = {
  weight: ({ twin }) => (twin.stes.kind === 'memory' && twin.stes.table.split !== null ? 10 : 0),
  make({ twin }, draw, layout) {
    const index = draw(3) === 0 ? draw(4) : 0;
    const table = twin.stes.kind === 'memory' ? twin.stes.table : null;
    const [word = 0n] = encode(l1StreamTableDescriptor, {
      Span: pick(SPANS, draw),
      L2Ptr: arrayOf(layout, index),
    });
    const base = (table?.base ?? 0n) & ~0x3fn;
    return guest('emulatedStore', { address: base + BigInt(8 * index), words: [word] });
  },
};

/** A CD as at boot, or with a field that another guest would have otherwise: not valid at all, its faults unseen. */
const storeCd: EmulatedMove = {
  weight: () => 5,
  make(_, draw, layout) {
    const number = draw(CD_COUNT);
    const fields = pick(CD_FIELDS, draw);
    const plain = contextWords(layout, number, fields);
    const words = oneIn(3, draw) ? withAnyField(cd, plain, draw) : plain;
    return guest('emulatedStore', { address: cdAt(layout, number), words });
  },
};

const CD_FIELDS: readonly Partial<Cd>[] = [
  {},
  {},
  { V: 0 },
  { V: 0, EPD1: 0 },
  { R: 0 },
  { EPD0: 1 },
  { ASID: 3 },
  { ASID: 0 },
  { ASID: 0x101 },
  { TBI0: 1 },
  { ASET: 1 },
];

/** Outputs: two pages for each, one in what stage 2 maps as a block, and one that is larger than a CD lets through. */
function drawOutput({ pages, l2Arrays }: EmulatedLayout, page: number, draw: Draw): bigint {
  if (oneIn(4, draw)) return oneIn(2, draw) ? 1n << 40n : l2Arrays + BigInt(page) * 0x1000n;
  return pages + BigInt(page + (oneIn(2, draw) ? PAGE_COUNT : 0)) * 0x1000n;
}

/** A descriptor; one in `zeros` is invalid, and some have another bit in one place. */
function drawLeaf(descriptor: bigint, zeros: number, draw: Draw): bigint {
  if (oneIn(zeros, draw)) return 0n;
  // Protection and the access flag, or anything.
  return oneIn(4, draw) ? descriptor ^ (1n << BigInt(pick([6, 7, 10, draw(64)], draw))) : descriptor;
}

const storeStage1: EmulatedMove = {
  weight: () => 12,
  make(_, draw, layout) {
    const page = draw(PAGE_COUNT);
    const word = drawLeaf(drawOutput(layout, page, draw) | STAGE1_PAGE, 5, draw);
    return guest('emulatedStore', { address: layout.stage1Leaves + BigInt(8 * page), words: [word] });
  },
};

const storeStage2: EmulatedMove = {
  weight: () => 6,
  make(_, draw, layout) {
    const page = draw(2 * PAGE_COUNT);
    const word = drawLeaf((layout.outputs + BigInt(draw(4) * 0x1000)) | STAGE2_PAGE, 3, draw);
    return guest('emulatedStore', { address: layout.stage2Leaves + BigInt(8 * page), words: [word] });
  },
};

/** What the guest stores. */
export const MEMORY_MOVES = [storeSte, storeL1, storeCd, storeStage1, storeStage2] as const;
