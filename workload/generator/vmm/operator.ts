import type { Call } from '../../../model/call.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import type { VmMove } from './move.ts';
import { devicesOn, type VmView } from './view.ts';

/** Virtual StreamIDs: few, so that they meet each other. */
const VSIDS: readonly number[] = [0, 1, 2];

/** StreamIDs that no vSMMU here has room for. */
const BEYOND: readonly number[] = [0x1_0000, 0xffff_ffff];

function operator(command: Call['command'], args: Call['args']): Call {
  return { actor: 'operator', command, args };
}

/** A StreamID that is free on the vSMMU, mostly. */
export function drawVsid({ vsmmu }: VmView, draw: Draw): number {
  const free = VSIDS.filter((vsid) => !vsmmu.devices.some((device) => device.vsid === vsid));
  if (oneIn(30, draw)) return pick(BEYOND, draw);
  return pick(free.length === 0 || oneIn(12, draw) ? VSIDS : free, draw);
}

const boot: VmMove = {
  weight: ({ vm }) => (vm.running ? 1 : 14),
  make: ({ vm }) => operator('boot', { vm: vm.name }),
};

const reset: VmMove = {
  weight: ({ vm }) => (vm.running ? 2 : 1),
  make: ({ vm }) => operator('reset', { vm: vm.name }),
};

const plug: VmMove = {
  weight: ({ free, vm }) => (free.length === 0 ? 2 : vm.running ? 12 : 8),
  make(view, draw) {
    const { world, vm, index, devices, free } = view;
    const some = free.length === 0 || oneIn(12, draw) ? devices : free;
    const device = oneIn(30, draw) ? pick(world.platform.devices, draw) : pick(some, draw);
    const vsmmu = oneIn(40, draw) ? vm.vsmmus.length : index;
    return operator('plug', { vm: vm.name, vsmmu, device: device.id, vsid: drawVsid(view, draw) });
  },
};

const unplug: VmMove = {
  weight: ({ vm }) => (vm.vsmmus.some(({ devices }) => devices.length > 0) ? 7 : 1),
  make({ vm, devices }, draw) {
    const plugged = vm.vsmmus.flatMap((vsmmu) => vsmmu.devices.map(({ device }) => device));
    const device = plugged.length === 0 || oneIn(12, draw) ? pick(devices, draw).id : pick(plugged, draw);
    return operator('unplug', { vm: vm.name, device });
  },
};

const migrate: VmMove = {
  weight: ({ vm }) => (vm.running && vm.vsmmus.every(({ devices }) => devices.length === 0) ? 6 : 1),
  make(view, draw) {
    const { world, vm, index } = view;
    const hosts = 1 + Math.max(...world.platform.devices.map(({ host }) => host ?? 0));
    const host = oneIn(12, draw) ? draw(hosts + 1) : (vm.host + 1) % hosts;
    if (oneIn(2, draw)) return operator('migrate', { vm: vm.name, host });
    const there = devicesOn(world, host);
    const device = pick(there.length === 0 ? world.platform.devices : there, draw).id;
    return operator('migrate', { vm: vm.name, host, device, vsmmu: index, vsid: drawVsid(view, draw) });
  },
};

const liveUpdate: VmMove = {
  // With one device there is nothing that a VMM could take for another's.
  weight: ({ vm }) => (vm.vsmmus.flatMap(({ devices }) => devices).length > 1 ? 2 : 0),
  make: ({ vm }) => operator('liveUpdate', { vm: vm.name }),
};

const serveEvents: VmMove = {
  weight: ({ vsmmu }) => (vsmmu.backings.length > 0 ? 3 : 1),
  make: ({ vm, index }, draw) =>
    operator('serveEvents', { vm: vm.name, vsmmu: oneIn(30, draw) ? vm.vsmmus.length : index }),
};

/** What operators do. */
export const OPERATOR_MOVES = { boot, reset, plug, unplug, migrate, liveUpdate, serveEvents } as const;
