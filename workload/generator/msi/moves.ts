import type { Call } from '../../../model/call.ts';
import { MSI_WINDOW } from '../../../model/iommufd/drivers/smmuv3.ts';
import { MSI_REGISTER } from '../../../model/platform/doorbell.ts';
import type { VmHardware } from '../../../model/platform/platform.ts';
import { pteIndexOf } from '../../../model/smmu/machine/guest-memory.ts';
import { pageOf } from '../../../model/smmu/machine/mappings.ts';
import type { PluggedDevice } from '../../../model/vmm/vm.ts';
import type { Words } from '../../../model/world/command.ts';
import { vmmOf } from '../../../model/world/process.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { SteConfig } from '../../../spec/smmuv3/ste.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import { PAGE } from '../values.ts';
import { GUEST_MOVES } from '../vmm/guest.ts';
import type { VmMove } from '../vmm/move.ts';
import { OPERATOR_MOVES } from '../vmm/operator.ts';
import type { VmView } from '../vmm/view.ts';
import { vste } from '../vste.ts';

/** VA pages at which a guest maps its ITS. */
const DOORBELL_VAS: readonly number[] = [5, 6];

/** Pages of the kernel's window that are ever mapped one to one. */
const WINDOW_PAGES = 3;

/** Pages of RAM: CDs in the first, stage-1 tables in the second. */
const CDS = 0;
const TABLE = 1;

export function hardwareOf({ world, vm }: VmView): VmHardware {
  return world.platform.vmHardware?.find((each) => each.vm === vm.name) as VmHardware;
}

function ipaOf(view: VmView, page: number): bigint {
  return (hardwareOf(view).ram?.[0]?.start ?? 0n) + BigInt(page) * PAGE;
}

function guest({ vm }: VmView, command: Call['command'], args: Call['args']): Call {
  return { actor: `guest:${vm.name}`, command, args };
}

function ofDevice(view: VmView, { vsid }: PluggedDevice): Call['args'] {
  return { vsmmu: view.index, vsid };
}

/** A device behind the vSMMU; one that is not there where there is none. */
function drawDevice({ vsmmu }: VmView, draw: Draw): PluggedDevice | null {
  return vsmmu.devices.length === 0 ? null : pick(vsmmu.devices, draw);
}

function whenPlugged(weight: number): (view: VmView) => number {
  return ({ vm, vsmmu }) => (vm.running && vsmmu.devices.length > 0 ? weight : 0);
}

/** A move that is about a device which is plugged; else whoever made a machine boots it. */
function onDevice(weight: number, make: (view: VmView, device: PluggedDevice, draw: Draw) => Call): VmMove {
  return {
    weight: whenPlugged(weight),
    make(view, draw) {
      const device = drawDevice(view, draw);
      return device === null ? OPERATOR_MOVES.boot.make(view, draw) : make(view, device, draw);
    },
  };
}

const translate = { V: 1, Config: SteConfig.S1Trans } as const;

const writeSte = onDevice(5, (view, { vsid }, draw) => {
  const words: Words = oneIn(5, draw)
    ? vste({ V: 1, Config: pick([SteConfig.Bypass, SteConfig.Abort], draw) })
    : vste({ ...translate, S1ContextPtr: ipaOf(view, CDS) });
  return guest(view, 'writeSte', { vsmmu: view.index, vsid, words });
});

const issueCommands = onDevice(5, (view, { vsid }, draw) => {
  const command = [
    encodeCommand('CFGI_STE', { StreamID: vsid, Leaf: 1 }),
    encodeCommand('CFGI_CD', { StreamID: vsid, Leaf: 1 }),
    encodeCommand('TLBI_NH_ALL'),
  ];
  return guest(view, 'issueCommands', { vsmmu: view.index, words: pick(command, draw) });
});

const ENABLED = 0b1101;

const writeCr0: VmMove = {
  weight: ({ vm, vsmmu }) => (!vm.running ? 0 : vsmmu.cr0 === ENABLED ? 1 : 6),
  make: (view, draw) => guest(view, 'writeCr0', { vsmmu: view.index, value: oneIn(6, draw) ? 0 : ENABLED }),
};

const writeCd: VmMove = {
  weight: whenPlugged(3),
  make: (view, draw) =>
    guest(view, 'guestWriteCd', {
      page: CDS,
      ...(oneIn(8, draw) ? {} : { valid: true, asid: 1, table: ipaOf(view, TABLE), silent: oneIn(8, draw) }),
    }),
};

/** A descriptor that says what the machine's description says, mostly: RMR one to one, or the ITS somewhere. */
const writePte: VmMove = {
  weight: whenPlugged(8),
  make(view, draw) {
    const { vits } = hardwareOf(view);
    const { rmr } = view.vm;
    const [range] = rmr;
    const place = { page: TABLE };
    if (range !== undefined && (vits == null || !oneIn(4, draw))) {
      const page = pageOf(range.start) + draw(Math.min(range.pages, WINDOW_PAGES));
      const args = { ...place, index: pteIndexOf(page) };
      return guest(
        view,
        'guestWritePte',
        oneIn(8, draw) ? args : { ...args, valid: true, ipa: aim(view, page, draw) },
      );
    }
    const args = { ...place, index: pick(DOORBELL_VAS, draw) };
    const page = pageOf(vits?.start ?? MSI_WINDOW.start);
    return guest(
      view,
      'guestWritePte',
      oneIn(8, draw) ? args : { ...args, valid: true, ipa: aim(view, page, draw) },
    );
  },
};

/** The page that is meant, seldom RAM or the page behind it. */
function aim(view: VmView, page: number, draw: Draw): bigint {
  if (oneIn(12, draw)) return ipaOf(view, 2);
  return BigInt(page + (oneIn(12, draw) ? 1 : 0)) * PAGE;
}

function vectorsOf({ world }: VmView, { device }: PluggedDevice): number {
  return world.platform.devices.find(({ id }) => id === device)?.msiVectors ?? 1;
}

const programVector = onDevice(5, (view, device, draw) => {
  const { vits } = hardwareOf(view);
  const own = BigInt(pick(DOORBELL_VAS, draw)) * PAGE;
  const address = (oneIn(3, draw) ? (vits?.start ?? own) : own) | MSI_REGISTER;
  const vector = draw(vectorsOf(view, device));
  return guest(view, 'programVector', { ...ofDevice(view, device), vector, address, value: draw(2) });
});

const enableVector = onDevice(6, (view, device, draw) =>
  guest(view, 'enableVector', { ...ofDevice(view, device), vector: draw(vectorsOf(view, device)) }),
);

const disableVector = onDevice(1, (view, device, draw) =>
  guest(view, 'disableVector', { ...ofDevice(view, device), vector: draw(vectorsOf(view, device)) }),
);

const fireMsi = onDevice(4, (view, device, draw) => {
  const vector = draw(vectorsOf(view, device));
  return { actor: `device:${device.device}`, command: 'fireMsi', args: { vector } };
});

const moveInterrupt = onDevice(1, (view, device, draw) => {
  const vector = draw(vectorsOf(view, device));
  return { actor: 'host', command: 'moveInterrupt', args: { device: device.device, vector } };
});

const readReserved: VmMove = {
  weight: () => 1,
  make: (view, draw) => ({
    actor: vmmOf(view.vm.name),
    command: 'readReserved',
    args: { device: pick(view.devices, draw).id },
  }),
};

/** Threads of the VMM that switch vectors on at the same time. */
const thread = onDevice(2, (view, device, draw) => {
  // A VMM that switches several vectors of a device on does it in one call.
  if (vectorsOf(view, device) > 1) return readReserved.make(view, draw);
  const command = oneIn(2, draw) ? 'beginSetIrqs' : 'endSetIrqs';
  return { actor: vmmOf(view.vm.name), command, args: { fd: device.fd } };
});

/** What operators, guests, VMMs and devices do where interrupts are followed. */
export const MSI_MOVES: readonly VmMove[] = [
  { ...OPERATOR_MOVES.boot, weight: ({ vm }) => (vm.running ? 0 : 20) },
  {
    ...OPERATOR_MOVES.plug,
    weight: ({ free, vsmmu }) => (free.length === 0 ? 1 : vsmmu.devices.length < 2 ? 12 : 3),
  },
  { ...OPERATOR_MOVES.unplug, weight: ({ vsmmu }) => (vsmmu.devices.length > 0 ? 2 : 0) },
  { ...OPERATOR_MOVES.reset, weight: ({ vm }) => (vm.running ? 1 : 0) },
  { ...GUEST_MOVES.writeGbpa, weight: whenPlugged(1) },
  { ...GUEST_MOVES.readEvents, weight: whenPlugged(1) },
  writeCr0,
  writeSte,
  issueCommands,
  writeCd,
  writePte,
  programVector,
  enableVector,
  disableVector,
  fireMsi,
  moveInterrupt,
  thread,
  readReserved,
];
