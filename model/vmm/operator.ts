import { done, type Result, refused } from '../world/result.ts';
import type { VmmArgs } from './command.ts';
import { resetControl } from './control.ts';
import { drainEvents, serveEvents } from './events.ts';
import { entriesForgotten, entriesMayBeFetched } from './held.ts';
import { putOnGbpa } from './place.ts';
import { type Plug, plugIn, plugObjection, undoPlug } from './plug.ts';
import { putVm, type Vmm, vmOf } from './process.ts';
import { configureThose, eachDevice } from './reconfigure.ts';
import { giveUp, type Objection } from './refusal.ts';
import { start } from './start.ts';
import { takeOut } from './unplug.ts';
import { resetVectors } from './vectors.ts';
import { GBPA_RESET, type Vm } from './vm.ts';
import { changeDevice, changeVsmmu } from './vsmmu.ts';

/** Switches a machine on. */
export function boot(vmm: Vmm): Result {
  const before = vmm.tx.world;
  const vm = vmOf(vmm);
  const objection: Objection | null = vm.running
    ? { errno: 'EBUSY', reason: `${vm.name} is running` }
    : start(vmm);
  if (objection !== null) return giveUp(vmm, before, objection, () => putVm(vmm, vm));
  if (vmm.tx.rules.vmm.startConfigures === 'as-gbpa') allOnGbpa(vmm);
  return done();
}

/** Puts every device on what GBPA says, the last vSMMU's first. */
function allOnGbpa(vmm: Vmm): void {
  for (let index = vmOf(vmm).vsmmus.length - 1; index >= 0; index--)
    eachDevice(vmm, index, ({ device }) => putOnGbpa(vmm, index, device) === null);
}

export function plug(vmm: Vmm, args: VmmArgs['plug']): Result {
  const before = vmm.tx.world;
  const objection = plugObjection(vmm, args);
  if (objection !== null) return giveUp(vmm, before, objection, () => {});
  const failed = plugIn(vmm, args);
  if (failed === null) return done();
  return giveUp(vmm, before, failed, () => undoPlug(vmm, args));
}

export function unplug(vmm: Vmm, { device: id }: VmmArgs['unplug']): Result {
  for (const [index, { devices }] of vmOf(vmm).vsmmus.entries()) {
    if (!devices.some(({ device }) => device === id)) continue;
    takeOut(vmm, index, id);
    return done();
  }
  return refused('ENOENT');
}

/** The VMM's loop, once. */
export function serve(vmm: Vmm, { vsmmu }: VmmArgs['serveEvents']): Result {
  if (vmOf(vmm).vsmmus[vsmmu] === undefined) return refused('ENODEV');
  return serveEvents(vmm, vsmmu) === 'nothing' ? refused('ENOENT') : done();
}

/** System reset: the ID registers stay, the guest's set-up goes; its memory keeps what it has. */
export function reset(vmm: Vmm): Result {
  const vm = vmOf(vmm);
  const { rules } = vmm.tx;
  if (!vm.running) return refused('EPERM');
  vm.vsmmus.forEach(({ control, devices, named, buses }, index) => {
    if (rules.vmm.resetDrainsEvents) drainEvents(vmm, index);
    if (rules.vmm.resetClearsRegisters)
      changeVsmmu(vmm, index, { cr0: 0, gbpa: GBPA_RESET, control: resetControl(control) });
    if (named.length > 0) changeVsmmu(vmm, index, { named: [] });
    if (buses.length > 0) changeVsmmu(vmm, index, { buses: buses.map((bus) => ({ ...bus, found: [] })) });
    for (const device of devices) {
      if (device.aliases.length > 0) changeDevice(vmm, index, device.device, { aliases: [] });
      resetVectors(vmm, index, device);
    }
  });
  entriesForgotten(vmm);
  if (rules.vmm.resetConfigures === 'as-gbpa') allOnGbpa(vmm);
  else for (const index of vm.vsmmus.keys()) configureThose(vmm, index, 'all');
  for (const index of vm.vsmmus.keys()) entriesMayBeFetched(vmm, index);
  return done();
}

/**
 * Live migration: a VMM started anew on another host with the same command line, to which the guest's set-up comes.
 * A passed-through device cannot come along, so none may be plugged; one may wait at the other end.
 */
export function migrate(vmm: Vmm, { host, device, vsmmu, vsid }: VmmArgs['migrate']): Result {
  const before = vmm.tx.world;
  const vm = vmOf(vmm);
  const waiting: Plug | null = device === '' ? null : { vsmmu, device, vsid, iommufd: 0, port: '' };
  const objection = migrationObjection(vmm, vm, host) ?? arrive(vmm, vm, host, waiting);
  if (objection === null) return done();
  return giveUp(vmm, before, objection, () => {
    if (waiting !== null && vmOf(vmm) !== vm) undoPlug(vmm, waiting);
    putVm(vmm, vm);
  });
}

/**
 * Another process takes over (QEMU's cpr-transfer): descriptors, the guest's memory and its set-up come along, the kernel
 * is asked for nothing, and what each device is on has to be known again from what the old process wrote down.
 */
export function liveUpdate(vmm: Vmm): Result {
  const { running, vsmmus } = vmOf(vmm);
  if (!running) return refused('EPERM');
  const seen = new Set<number>();
  vsmmus.forEach(({ devices }, index) => {
    for (const { device, place } of devices) {
      if (place === null) continue;
      const on = place.kind === 'nested' ? place.viommu : place.shadow;
      if (!vmm.tx.rules.vmm.takenOverPlace(!seen.has(on))) changeDevice(vmm, index, device, { place: null });
      seen.add(on);
    }
  });
  return done();
}

function migrationObjection(vmm: Vmm, vm: Vm, host: number): Objection | null {
  if (!vm.running) return { errno: 'EPERM', reason: `${vm.name} is not running` };
  if (vm.vsmmus.some(({ devices }) => devices.length > 0))
    return { errno: 'EBUSY', reason: 'a passed-through device cannot be migrated' };
  if (host === vm.host) return { errno: 'EINVAL', reason: `${vm.name} is on host ${host}` };
  const known = vmm.tx.world.platform.devices.some((device) => (device.host ?? 0) === host);
  return known ? null : { errno: 'ENODEV', reason: `no host ${host}` };
}

/**
 * The machine on its new host. As a VMM loads its state, what the guest had set of a vSMMU comes last: only then do the
 * ID registers stand, by which an STE is read.
 */
function arrive(vmm: Vmm, vm: Vm, host: number, waiting: Plug | null): Objection | null {
  const reset = { cr0: 0, gbpa: GBPA_RESET, registers: null, pinned: null };
  const vsmmus = vm.vsmmus.map((vsmmu) => ({ ...vsmmu, ...reset }));
  putVm(vmm, { ...vm, host, running: false, vsmmus });
  const objection = waiting === null ? null : (plugObjection(vmm, waiting) ?? plugIn(vmm, waiting));
  const refusal = objection ?? start(vmm);
  if (refusal !== null || !vmm.tx.rules.vmm.migrationKeepsGuestState) return refusal;
  for (const [index, { cr0, gbpa }] of vm.vsmmus.entries()) {
    changeVsmmu(vmm, index, { cr0, gbpa });
    configureThose(vmm, index, 'all');
    entriesMayBeFetched(vmm, index);
  }
  return null;
}
