import type { Words } from '../../model/world/command.ts';
import { VIOMMU_INVALIDATE_DATA } from '../../spec/iommufd/constants.ts';
import { encodeCommand } from '../../spec/smmuv3/command.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { call, type Move } from './move.ts';
import { fdHandle, type Objects, objectAt, objectHandle } from './view.ts';

type CommandWords = readonly [bigint, bigint];

/** Bytes of one command. */
const COMMAND_BYTES = 16;

/** Commands that go to the queue together; arrays that are longer show what happens between two lots. */
const BATCH = 63;

const va = { Address: 0x4000n } as const;

/** What a guest may issue for its own translations; the VMID is the host's to fill in. */
const TLB: readonly CommandWords[] = [
  encodeCommand('TLBI_NH_ALL'),
  encodeCommand('TLBI_NH_ALL', { VMID: 7 }),
  encodeCommand('TLBI_NH_ASID', { ASID: 1 }),
  encodeCommand('TLBI_NH_VA', { ASID: 1, Leaf: 1, ...va }),
  encodeCommand('TLBI_NH_VA', { VMID: 1, ASID: 2, TG: 1, NUM: 3, TTL: 3, ...va }),
  encodeCommand('TLBI_NH_VAA', va),
  encodeCommand('TLBI_NSNH_ALL'),
];

/** What it may issue for a StreamID of its own, which goes into the upper half of the first word. */
const STREAM: readonly CommandWords[] = [
  encodeCommand('CFGI_CD', { Leaf: 1 }),
  encodeCommand('CFGI_CD', { SubstreamID: 3 }),
  encodeCommand('CFGI_CD_ALL'),
  encodeCommand('ATC_INV', { Size: 52 }),
  encodeCommand('ATC_INV', { SSV: 1, SubstreamID: 1, Size: 0, ...va }),
];

/** What it may not issue at all, and opcodes that are no command's. */
const FORBIDDEN: readonly CommandWords[] = [
  encodeCommand('CFGI_STE', { Leaf: 1 }),
  encodeCommand('CFGI_STE_RANGE', { Range: 31 }),
  encodeCommand('PREFETCH_CONFIG'),
  encodeCommand('TLBI_S12_VMALL', { VMID: 1 }),
  encodeCommand('TLBI_S2_IPA', { VMID: 1 }),
  encodeCommand('TLBI_EL2_ALL'),
  encodeCommand('RESUME', { Action: 1 }),
  encodeCommand('SYNC', { CS: 1 }),
  [0n, 0n],
  [0xffn, 0n],
];

/** A StreamID that no vDEVICE has. */
const UNKNOWN_STREAM = 0x7777n;

function drawCommand(streams: readonly bigint[], draw: Draw): CommandWords {
  const kind = draw(40);
  if (kind === 0) return pick(FORBIDDEN, draw);
  if (kind < 20) return pick(TLB, draw);
  const [first, second] = pick(STREAM, draw);
  const stream = kind === 20 ? UNKNOWN_STREAM : (pickAny(streams, draw) ?? UNKNOWN_STREAM);
  return [first | (BigInt.asUintN(32, stream) << 32n), second];
}

/** A few commands; or more than one batch of the same, with at most one bad among them. */
function drawCommands(streams: readonly bigint[], draw: Draw): Words {
  const words: bigint[] = [];
  if (!oneIn(16, draw)) {
    for (let n = 1 + draw(3); n > 0; n--) words.push(...drawCommand(streams, draw));
    return words;
  }
  const [first, second] = pick(TLB, draw);
  const count = BATCH - 1 + draw(6);
  for (let n = 0; n < count; n++) words.push(first, second);
  if (oneIn(2, draw)) {
    const [bad0, bad1] = pick(FORBIDDEN, draw);
    const at = count - 1 - draw(6);
    words[2 * at] = bad0;
    words[2 * at + 1] = bad1;
  }
  return words;
}

const hwptInvalidate: Move = {
  weight: ({ here }) => (here === null || here.viommus.length === 0 ? 0 : 9),
  make(view, draw) {
    const here = view.here as Objects;
    const viommu = pick(here.viommus, draw);
    const args = {
      fd: fdHandle(view, here.fd as number),
      hwptId: objectHandle(view, here, viommu),
      dataType: VIOMMU_INVALIDATE_DATA.ARM_SMMUV3,
    };
    // An array of no entries asks whether the data type is known.
    if (oneIn(20, draw)) return call(view, 'hwptInvalidate', args);
    const streams: bigint[] = [];
    for (const id of here.vdevices) {
      const vdevice = objectAt(here, id, 'vdevice');
      if (vdevice.viommu === viommu) streams.push(vdevice.virtId);
    }
    // Those of vDEVICEs that are being made are no streams of the vIOMMU yet.
    for (const { what } of view.process.calls)
      if (what.call === 'vdeviceAlloc' && what.viommuId === viommu) streams.push(what.virtId);
    const data = drawCommands(streams, draw);
    const entryNum = data.length / 2;
    return call(view, 'hwptInvalidate', { ...args, entryLen: COMMAND_BYTES, entryNum, data });
  },
};

/** What a VMM passes on of its guest's command queue. */
export const INVALIDATE_MOVES = { hwptInvalidate } as const satisfies Readonly<Record<string, Move>>;
