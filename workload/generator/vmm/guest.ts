import type { Call } from '../../../model/call.ts';
import type { Words } from '../../../model/world/command.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import { drawVste } from '../vste.ts';
import type { VmMove } from './move.ts';
import { drawVsid } from './operator.ts';
import type { VmView } from './view.ts';

function guest({ vm, index }: VmView, command: Call['command'], args: Call['args']): Call {
  return { actor: `guest:${vm.name}`, command, args: { vsmmu: index, ...args } };
}

const SMMUEN = 1 << 0;
const EVENTQEN = 1 << 2;
const CMDQEN = 1 << 3;

const ABORT = 1 << 20;
const UPDATE = 2 ** 31;

function whenRunning(weight: number): (view: VmView) => number {
  return ({ vm }) => (vm.running ? weight : 1);
}

const readId: VmMove = {
  weight: whenRunning(2),
  make: (view) => guest(view, 'readId', {}),
};

const writeCr0: VmMove = {
  weight: ({ vm, vsmmu }) => (!vm.running ? 1 : vsmmu.cr0 === 0 ? 12 : 3),
  make: (view, draw) =>
    guest(view, 'writeCr0', {
      value: oneIn(3, draw) ? pick([0, SMMUEN, CMDQEN, EVENTQEN], draw) : SMMUEN | EVENTQEN | CMDQEN,
    }),
};

const writeGbpa: VmMove = {
  weight: whenRunning(3),
  make: (view, draw) =>
    guest(view, 'writeGbpa', { value: (oneIn(6, draw) ? 0 : UPDATE) + (oneIn(2, draw) ? ABORT : 0) }),
};

/** A StreamID of a device that is there, mostly. */
function drawStream(view: VmView, draw: Draw): number {
  const { devices } = view.vsmmu;
  return devices.length === 0 || oneIn(4, draw) ? drawVsid(view, draw) : pick(devices, draw).vsid;
}

const writeSte: VmMove = {
  weight: whenRunning(10),
  make: (view, draw) => guest(view, 'writeSte', { vsid: drawStream(view, draw), words: drawVste(draw) }),
};

const issueCommands: VmMove = {
  weight: ({ vm, vsmmu }) =>
    vm.running && vsmmu.stes.some(({ memory, read }) => memory !== read) ? 16 : vm.running ? 6 : 1,
  make(view, draw) {
    const words: bigint[] = [];
    for (let count = 1 + draw(3); count > 0; count--) words.push(...drawCommand(view, draw));
    return guest(view, 'issueCommands', { words });
  },
};

function drawCommand(view: VmView, draw: Draw): Words {
  const StreamID = drawStream(view, draw);
  switch (draw(14)) {
    case 0:
      return encodeCommand('TLBI_NH_ALL');
    case 1:
      return encodeCommand('TLBI_NH_VA', { ASID: draw(2), Address: 0x4000n });
    case 2:
      return encodeCommand('CFGI_CD', { StreamID, Leaf: 1 });
    case 3:
      return encodeCommand('CFGI_CD_ALL', { StreamID });
    case 4:
      return encodeCommand('ATC_INV', { StreamID, Size: 52 });
    case 5:
      return encodeCommand('SYNC');
    case 6:
      return encodeCommand('CFGI_STE_RANGE', { Range: oneIn(2, draw) ? 31 : 0 });
    case 7:
      return oneIn(3, draw)
        ? pick([encodeCommand('TLBI_S12_VMALL'), [0x7fn, 0n]], draw)
        : encodeCommand('TLBI_NSNH_ALL');
    default:
      return encodeCommand('CFGI_STE', { StreamID, Leaf: 1 });
  }
}

const readEvents: VmMove = {
  weight: whenRunning(2),
  make: (view) => guest(view, 'readEvents', {}),
};

/** What guests do. */
export const GUEST_MOVES = { readId, writeCr0, writeGbpa, writeSte, issueCommands, readEvents } as const;
