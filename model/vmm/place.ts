import { encodeEvent } from '../../spec/smmuv3/event.ts';
import { EMULATED_REGISTERS } from '../../spec/vsmmu/registers.ts';
import type { Words } from '../world/command.ts';
import type { Result } from '../world/result.ts';
import { allocNested, backVsmmu, destroyObject } from './backing.ts';
import { deliver } from './events.ts';
import { iommufdOf } from './iommufd.ts';
import { call, numberOf, type Vmm } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import { ASKS_ABORT, type Asked, askedByGbpa, askedOf, type Placeable } from './stream.ts';
import type { Backing, Nested, PluggedDevice } from './vm.ts';
import { backingOf, changeDevice, deviceNamed, vsmmuAt } from './vsmmu.ts';

/** The VMM's file of /dev/iommu that a device is bound to. What is made for the device is named there, whatever it is of. */
function fdOf(vmm: Vmm, { iommufd }: PluggedDevice): number {
  return iommufdOf(vmm, iommufd)?.fd ?? -1;
}

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT. */
export function attach(vmm: Vmm, { fd }: PluggedDevice, ptId: number): Result {
  return call(vmm, 'vfioAttach', { fd, ptId });
}

/** Nests a device that is open and bound: on the vSMMU's part of the pSMMU, under its virtual StreamID. */
export function nest(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  const backing = backVsmmu(vmm, index, device);
  if ('errno' in backing) return backing;
  const { viommu } = backing;
  changeDevice(vmm, index, device.device, { place: { kind: 'nested', viommu, vdevice: null, hwpt: null } });
  if (!vmm.tx.rules.vmm.vdeviceAtPlug) return null;
  const made = giveVdevice(vmm, index, device.device, device.vsid);
  if (made === null || made.ok) return null;
  return kernelObjects('no vDEVICE', made);
}

/** The device's vDEVICE, made where it has none; null where it has one, or is not nested. */
export function giveVdevice(vmm: Vmm, index: number, id: string, vsid: number): Result | null {
  const device = deviceNamed(vsmmuAt(vmm, index), id);
  if (device?.place?.kind !== 'nested' || device.place.vdevice !== null) return null;
  const { place, devId } = device;
  const made = call(vmm, 'vdeviceAlloc', {
    fd: fdOf(vmm, device),
    viommuId: place.viommu,
    devId,
    virtId: BigInt(vsid),
  });
  if (!made.ok) return made;
  const vdevice = numberOf(made, 'outVdeviceId');
  changeDevice(vmm, index, id, { place: { ...place, vdevice } });
  return made;
}

/** Takes a device without nesting it: its stage 1 will be walked in software, into an IOAS of its own. */
export function emulate(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  const made = call(vmm, 'ioasAlloc', { fd: fdOf(vmm, device) });
  if (!made.ok) return kernelObjects('no IOAS for emulated translations', made);
  const shadow = numberOf(made, 'outIoasId');
  changeDevice(vmm, index, device.device, { place: { kind: 'emulated', shadow } });
  return null;
}

/** Puts a device where CR0, GBPA and its STE say; the first attachment of all can be refused. */
export function configure(vmm: Vmm, index: number, id: string, vsid: number): Objection | null {
  return putOn(vmm, index, id, askedOf(vmm, index, vsid));
}

/** Puts a device on what is asked for it. */
export function putOn(vmm: Vmm, index: number, id: string, asked: Asked): Objection | null {
  const { rules } = vmm.tx;
  switch (asked.kind) {
    case 'missing':
      return putMissing(vmm, index, id, asked.fetchFailed);
    case 'illegal': {
      const becomes = rules.vmm.illegalSte;
      if (becomes === 'error') return badSte(id);
      return place(
        vmm,
        index,
        id,
        becomes === 'abort' ? ASKS_ABORT : { kind: 'translate', words: asked.words },
      );
    }
    default:
      return place(vmm, index, id, asked);
  }
}

function putMissing(vmm: Vmm, index: number, id: string, fetchFailed: boolean): Objection | null {
  switch (vmm.tx.rules.vmm.missingSte(fetchFailed)) {
    case 'abort':
      return place(vmm, index, id, ASKS_ABORT);
    case 'previous':
      return null;
    case 'error':
      return badSte(id);
  }
}

/** What a guest wrote is wrong; the device stays where it is. */
function badSte(id: string): Objection {
  return { errno: 'EIO', reason: `the STE of ${id} cannot be installed`, badSte: true };
}

function place(vmm: Vmm, index: number, id: string, asked: Placeable): Objection | null {
  const vsmmu = vsmmuAt(vmm, index);
  const device = deviceNamed(vsmmu, id);
  switch (device?.place?.kind) {
    case 'nested': {
      const backing = backingOf(vsmmu, device);
      return backing === null ? null : install(vmm, index, device, backing, asked);
    }
    case 'emulated':
      return putEmulated(vmm, device, device.place.shadow, asked);
    default:
      return null;
  }
}

function putEmulated(vmm: Vmm, device: PluggedDevice, shadow: number, asked: Asked): Objection | null {
  if (asked.kind === 'abort') {
    call(vmm, 'vfioDetach', { fd: device.fd });
    return null;
  }
  const ioas = iommufdOf(vmm, device.iommufd)?.containers[0]?.ioas ?? 0;
  const attached = attach(vmm, device, asked.kind === 'bypass' ? ioas : shadow);
  return attached.ok ? null : kernelObjects(`${device.device} cannot be attached`, attached);
}

/** Puts a nested device on something else, step by step; what is new is made, what was goes. */
function install(
  vmm: Vmm,
  index: number,
  device: PluggedDevice,
  backing: Backing,
  asked: Placeable,
): Objection | null {
  const { rules } = vmm.tx;
  const old = (device.place as Nested).hwpt;
  let hwpt: number | null = null;
  let isOn: number | null = null;
  for (const step of rules.vmm.installSteps) {
    switch (step) {
      case 'attach-abort':
        if (attach(vmm, device, backing.abort).ok) isOn = backing.abort;
        break;
      case 'destroy-old':
        forget(vmm, index, device, old, hwpt);
        break;
      case 'hwpt': {
        if (asked.kind !== 'translate') break;
        const made = makeHwpt(vmm, index, device, backing, asked.words);
        if (!made.ok) return refuseSte(vmm, index, device);
        hwpt = numberOf(made, 'outHwptId');
        break;
      }
      case 'attach': {
        const to = hwpt ?? (asked.kind === 'bypass' ? backing.bypass : backing.abort);
        if (to === isOn) break;
        const attached = attach(vmm, device, to);
        if (attached.ok) break;
        if (hwpt === null) return kernelObjects(`${device.device} cannot be attached`, attached);
        destroyObject(vmm, fdOf(vmm, device), hwpt);
        return refuseSte(vmm, index, device);
      }
    }
  }
  return null;
}

/** A nested HWPT of an entry, and the vDEVICE that it needs. */
function makeHwpt(vmm: Vmm, index: number, device: PluggedDevice, { viommu }: Backing, words: Words): Result {
  const registers = vsmmuAt(vmm, index).registers ?? EMULATED_REGISTERS;
  const own = fdOf(vmm, device);
  const given = vmm.tx.rules.vmm.steForKernel(words, registers).slice(0, 2);
  const made = allocNested(vmm, own, device.devId, viommu, given);
  if (!made.ok) return made;
  const vdevice = giveVdevice(vmm, index, device.device, device.vsid);
  if (vdevice === null || vdevice.ok) return made;
  destroyObject(vmm, own, numberOf(made, 'outHwptId'));
  return vdevice;
}

/** An STE that the kernel does not take: no traffic, or all stays as it was, and the queue stops. */
function refuseSte(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  const { rules } = vmm.tx;
  if (rules.vmm.refusedSte === 'previous') return badSte(device.device);
  if (rules.vmm.refusedSteTells === 'event')
    deliver(vmm, index, encodeEvent('C_BAD_STE', { StreamID: device.vsid }));
  return place(vmm, index, device.device, ASKS_ABORT);
}

/** The device is on another HWPT now: the one of its last STE goes. */
function forget(
  vmm: Vmm,
  index: number,
  plugged: PluggedDevice,
  old: number | null,
  hwpt: number | null,
): void {
  const id = plugged.device;
  if (old !== null) destroyObject(vmm, fdOf(vmm, plugged), old);
  const device = deviceNamed(vsmmuAt(vmm, index), id);
  if (device?.place?.kind !== 'nested' || device.place.hwpt === hwpt) return;
  changeDevice(vmm, index, id, { place: { ...device.place, hwpt } });
}

/** Puts a nested device on what GBPA says; the HWPT of its STE goes, or is kept until the next one comes. */
export function putOnGbpa(vmm: Vmm, index: number, id: string): Objection | null {
  const vsmmu = vsmmuAt(vmm, index);
  const asked = askedByGbpa(vsmmu);
  const device = deviceNamed(vsmmu, id);
  const backing = device === null ? null : backingOf(vsmmu, device);
  if (vmm.tx.rules.vmm.gbpaFreesHwpt || device === null || backing === null)
    return putOn(vmm, index, id, asked);
  const attached = attach(vmm, device, asked.kind === 'abort' ? backing.abort : backing.bypass);
  return attached.ok ? null : kernelObjects(`${device.device} cannot be attached`, attached);
}
