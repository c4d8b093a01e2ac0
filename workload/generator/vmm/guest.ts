import type { Call } from '../../../model/call.ts';
import { CONTROL_NAMES, type ControlName } from '../../../model/vmm/control.ts';
import { isStopped } from '../../../model/vmm/queue.ts';
import type { Words } from '../../../model/world/command.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import { drawGuestCommand, drawGuestSte } from '../guest-ste.ts';
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
  make: (view, draw) =>
    guest(view, 'writeSte', {
      vsid: drawStream(view, draw),
      words: followsInterrupts(view) ? drawVste(draw) : drawGuestSte(draw),
    }),
};

/** Machines that are about their interrupts write entries that translate, and plain commands. */
function followsInterrupts({ world }: VmView): boolean {
  return world.machine !== null;
}

const issueCommands: VmMove = {
  weight: ({ vm, vsmmu }) => {
    if (!vm.running || isStopped(vsmmu.control)) return 1;
    return vsmmu.devices.some(({ held }) => held.old.length > 0) ? 16 : 6;
  },
  make(view, draw) {
    const words: bigint[] = [];
    for (let count = 1 + draw(3); count > 0; count--) words.push(...drawCommand(view, draw));
    return guest(view, 'issueCommands', { words });
  },
};

function drawCommand(view: VmView, draw: Draw): Words {
  const StreamID = drawStream(view, draw);
  if (!followsInterrupts(view) && oneIn(4, draw)) return drawGuestCommand(StreamID, draw);
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

const acknowledge: VmMove = {
  weight: ({ vm, vsmmu }) => (vm.running && isStopped(vsmmu.control) ? 20 : 1),
  make: (view) => guest(view, 'acknowledge', {}),
};

/** Values that a guest may write to a register beside what it has: other tables and queues, and formats of tables. */
function drawRegister(view: VmView, register: ControlName, draw: Draw): bigint {
  const { control } = view.vsmmu;
  const base = 0x4000_0000n + BigInt(draw(2)) * 0x4040n;
  switch (register) {
    case 'STRTAB_BASE':
      return oneIn(2, draw) ? base : control.STRTAB_BASE;
    case 'STRTAB_BASE_CFG':
      return pick([8n, 1n, 0x1_0188n, 0x1_0189n], draw);
    case 'CMDQ_BASE':
      return control.CMDQ_BASE;
    case 'EVENTQ_BASE':
      return pick([control.EVENTQ_BASE, base | 1n, 0x10_0000_0000n], draw);
    case 'GERRORN':
      return BigInt(control.GERROR);
    case 'CMDQ_PROD':
    case 'CMDQ_CONS':
      return BigInt(control.CMDQ_PROD);
    default:
      return BigInt(draw(2));
  }
}

const WRITTEN = CONTROL_NAMES.filter((name) => name !== 'CR0' && name !== 'GBPA');

const writeRegister: VmMove = {
  weight: ({ vm, world }) => (vm.running && world.machine === null ? 3 : 1),
  make(view, draw) {
    if (oneIn(30, draw)) return guest(view, 'writeRegister', { register: 'IDR0', value: 0n });
    const register = pick(WRITTEN, draw);
    const half = oneIn(6, draw) ? 1 + draw(2) : 0;
    return guest(view, 'writeRegister', { register, value: drawRegister(view, register, draw), half });
  },
};

const readRegister: VmMove = {
  weight: () => 1,
  make: (view, draw) =>
    guest(view, 'readRegister', { register: pick(['CMDQ_CONS', 'GERROR', 'EVENTQ_PROD', 'NONE'], draw) }),
};

/** A descriptor of a table of two levels, or nothing, where the table begins. */
const storeGuest: VmMove = {
  weight: ({ vm, world }) => (vm.running && world.machine === null ? 2 : 1),
  make({ vm, vsmmu }, draw) {
    const address = oneIn(20, draw) ? 1n : vsmmu.control.STRTAB_BASE & ~0x3fn;
    const words = oneIn(3, draw) ? null : [0x4000_2000n | BigInt(draw(4))];
    return { actor: `guest:${vm.name}`, command: 'storeGuest', args: { address, words, zeros: 8 } };
  },
};

const renumber: VmMove = {
  weight: ({ vm, vsmmu }) => (vm.running && vsmmu.devices.length > 0 ? 2 : 1),
  make(view, draw) {
    const { devices } = view.vsmmu;
    const device = devices.length === 0 || oneIn(12, draw) ? 'none' : pick(devices, draw).device;
    return guest(view, 'renumber', { device, to: oneIn(20, draw) ? 0x1_0000 : drawVsid(view, draw) });
  },
};

/** What guests do. */
export const GUEST_MOVES = {
  readId,
  writeCr0,
  writeGbpa,
  writeRegister,
  readRegister,
  storeGuest,
  writeSte,
  issueCommands,
  acknowledge,
  renumber,
  readEvents,
} as const;
