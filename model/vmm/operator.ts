import { done, type Result, refused } from '../world/result.ts';
import type { VmmArgs } from './command.ts';
import { drainEvents } from './events.ts';
import { configure } from './place.ts';
import { type Plug, plugIn, plugObjection, takeOut, undoPlug } from './plug.ts';
import { putVm, type Vmm, vmOf } from './process.ts';
import { giveUp, type Objection } from './refusal.ts';
import { start } from './start.ts';
import { resetVectors } from './vectors.ts';
import { GBPA_RESET, type Vm } from './vm.ts';
import { changeVsmmu } from './vsmmu.ts';

/** Switches a machine on. */
export function boot(vmm: Vmm): Result {
  const before = vmm.tx.world;
  const vm = vmOf(vmm);
  const objection: Objection | null = vm.running
    ? { errno: 'EBUSY', reason: `${vm.name} is running` }
    : start(vmm);
  return objection === null ? done() : giveUp(vmm, before, objection, () => putVm(vmm, vm));
}

export function plug(vmm: Vmm, args: VmmArgs['plug']): Result {
  const before = vmm.tx.world;
  const { vsmmus } = vmOf(vmm);
  const objection = plugObjection(vmm, args);
  if (objection !== null) return giveUp(vmm, before, objection, () => {});
  const failed = plugIn(vmm, args);
  if (failed === null) return done();
  return giveUp(vmm, before, failed, () => {
    undoPlug(vmm, args);
    // What it read of the stream table it has not read, and what it made of that the guest is not told.
    vsmmus.forEach(({ stes, events }, index) => {
      changeVsmmu(vmm, index, { stes, events });
    });
  });
}

export function unplug(vmm: Vmm, { device: id }: VmmArgs['unplug']): Result {
  for (const [index, { devices }] of vmOf(vmm).vsmmus.entries()) {
    const device = devices.find((each) => each.device === id);
    if (device === undefined) continue;
    takeOut(vmm, index, device.vsid);
    return done();
  }
  return refused('ENOENT');
}

/** System reset: the ID registers stay, the guest's set-up goes; its memory keeps what it has. */
export function reset(vmm: Vmm): Result {
  const vm = vmOf(vmm);
  if (!vm.running) return refused('EPERM');
  for (const [index, { stes, devices }] of vm.vsmmus.entries()) {
    drainEvents(vmm, index);
    changeVsmmu(vmm, index, {
      ...(vmm.tx.rules.vmm.resetClearsRegisters ? { cr0: 0, gbpa: GBPA_RESET } : {}),
      events: [],
      stes: stes.map((entry) => (entry.read === null ? entry : { ...entry, read: null })),
    });
    for (const device of devices) {
      resetVectors(vmm, index, device);
      configure(vmm, index, device.vsid);
    }
  }
  return done();
}

/**
 * Live migration: a VMM started anew on another host with the same command line, to which the guest's set-up comes.
 * A passed-through device cannot come along, so none may be plugged; one may wait at the other end.
 */
export function migrate(vmm: Vmm, { host, device, vsmmu, vsid }: VmmArgs['migrate']): Result {
  const before = vmm.tx.world;
  const vm = vmOf(vmm);
  const waiting: Plug | null = device === '' ? null : { vsmmu, device, vsid };
  const objection = migrationObjection(vmm, vm, host) ?? arrive(vmm, vm, host, waiting);
  if (objection === null) return done();
  return giveUp(vmm, before, objection, () => {
    if (waiting !== null && vmOf(vmm) !== vm) undoPlug(vmm, waiting);
    putVm(vmm, vm);
  });
}

function migrationObjection(vmm: Vmm, vm: Vm, host: number): Objection | null {
  if (!vm.running) return { errno: 'EPERM', reason: `${vm.name} is not running` };
  if (vm.vsmmus.some(({ devices }) => devices.length > 0))
    return { errno: 'EBUSY', reason: 'a passed-through device cannot be migrated' };
  if (host === vm.host) return { errno: 'EINVAL', reason: `${vm.name} is on host ${host}` };
  const known = vmm.tx.world.platform.devices.some((device) => (device.host ?? 0) === host);
  return known ? null : { errno: 'ENODEV', reason: `no host ${host}` };
}

function arrive(vmm: Vmm, vm: Vm, host: number, waiting: Plug | null): Objection | null {
  const kept = vmm.tx.rules.vmm.migrationKeepsGuestState ? {} : { cr0: 0, gbpa: GBPA_RESET };
  const vsmmus = vm.vsmmus.map((vsmmu) => ({ ...vsmmu, ...kept, registers: null }));
  putVm(vmm, { ...vm, host, running: false, vsmmus });
  if (waiting === null) return start(vmm);
  return plugObjection(vmm, waiting) ?? plugIn(vmm, waiting) ?? start(vmm);
}
