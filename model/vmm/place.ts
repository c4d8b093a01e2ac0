import { encodeEvent } from '../../spec/smmuv3/event.ts';
import type { Words } from '../world/command.ts';
import type { Result } from '../world/result.ts';
import { allocNested, backVsmmu, destroyObject, freeUnusedBackings } from './backing.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import { ASKS_ABORT, type Asked, askedOf } from './stream.ts';
import type { Backing, Nested, PluggedDevice, VmIommufd } from './vm.ts';
import { backingOf, changeDevice, changeVsmmu, deviceOfVsid, vsmmuAt } from './vsmmu.ts';

function attach(vmm: Vmm, { fd }: PluggedDevice, ptId: number): Result {
  return call(vmm, 'vfioAttach', { fd, ptId });
}

/** Nests a device that is open and bound: on the vSMMU's part of the pSMMU, under its virtual StreamID. */
export function nest(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  const iommufd = vmOf(vmm).iommufd as VmIommufd;
  const backing = backVsmmu(vmm, index, iommufd, device.devId);
  if ('errno' in backing) return backing;
  const { viommu } = backing;
  changeDevice(vmm, index, device.device, { place: { kind: 'nested', viommu, vdevice: null, hwpt: null } });
  if (!vmm.tx.rules.vmm.vdeviceAtPlug) return null;
  const made = giveVdevice(vmm, index, device.vsid, backing);
  if (made === null || made.ok) return null;
  return kernelObjects('no vDEVICE', made);
}

/** The device's vDEVICE, made where it has none; null where it has one. */
function giveVdevice(vmm: Vmm, index: number, vsid: number, backing: Backing): Result | null {
  const { fd } = vmOf(vmm).iommufd as VmIommufd;
  const device = deviceOfVsid(vsmmuAt(vmm, index), vsid) as PluggedDevice;
  const place = device.place as Nested;
  if (place.vdevice !== null) return null;
  const made = call(vmm, 'vdeviceAlloc', {
    fd,
    viommuId: backing.viommu,
    devId: device.devId,
    virtId: BigInt(vsid),
  });
  if (!made.ok) return made;
  const vdevice = numberOf(made, 'outVdeviceId');
  changeDevice(vmm, index, device.device, { place: { ...place, vdevice } });
  return made;
}

/** Takes a device without nesting it: its stage 1 will be walked in software, into an IOAS of its own. */
export function emulate(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  const { fd } = vmOf(vmm).iommufd as VmIommufd;
  const made = call(vmm, 'ioasAlloc', { fd });
  if (!made.ok) return kernelObjects('no IOAS for emulated translations', made);
  const shadow = numberOf(made, 'outIoasId');
  changeDevice(vmm, index, device.device, { place: { kind: 'emulated', shadow } });
  return null;
}

/** Puts a device where CR0, GBPA and its STE say; the first attachment of all can be refused. */
export function configure(vmm: Vmm, index: number, vsid: number): Objection | null {
  return putOn(vmm, index, vsid, askedOf(vsmmuAt(vmm, index), vsid));
}

/** Puts a device on what is asked for it. */
export function putOn(vmm: Vmm, index: number, vsid: number, asked: Asked): Objection | null {
  const vsmmu = vsmmuAt(vmm, index);
  const device = deviceOfVsid(vsmmu, vsid);
  switch (device?.place?.kind) {
    case 'nested': {
      const backing = backingOf(vsmmu, device);
      return backing === null ? null : putNested(vmm, index, device, backing, asked);
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
  const { ioas } = vmOf(vmm).iommufd as VmIommufd;
  const attached = attach(vmm, device, asked.kind === 'bypass' ? ioas : shadow);
  return attached.ok ? null : kernelObjects(`${device.device} cannot be attached`, attached);
}

function putNested(
  vmm: Vmm,
  index: number,
  device: PluggedDevice,
  backing: Backing,
  asked: Asked,
): Objection | null {
  if (asked.kind === 'translate') return translate(vmm, index, device, backing, asked.words);
  const attached = attach(vmm, device, asked.kind === 'abort' ? backing.abort : backing.bypass);
  if (!attached.ok) return kernelObjects(`${device.device} cannot be attached`, attached);
  forgetHwpt(vmm, index, device.vsid, null);
  return null;
}

/** CFGI_STE of an entry with stage 1: a nested HWPT of its words, attached in place of what was. */
function translate(
  vmm: Vmm,
  index: number,
  device: PluggedDevice,
  backing: Backing,
  words: Words,
): Objection | null {
  const { fd } = vmOf(vmm).iommufd as VmIommufd;
  const made = allocNested(vmm, fd, device.devId, backing.viommu, vmm.tx.rules.vmm.steForKernel(words));
  if (!made.ok) return refuseSte(vmm, index, device);
  const hwpt = numberOf(made, 'outHwptId');
  const vdevice = giveVdevice(vmm, index, device.vsid, backing);
  const attached = vdevice === null || vdevice.ok ? attach(vmm, device, hwpt) : vdevice;
  if (!attached.ok) {
    destroyObject(vmm, fd, hwpt);
    return refuseSte(vmm, index, device);
  }
  forgetHwpt(vmm, index, device.vsid, hwpt);
  return null;
}

/** An STE that the kernel does not take is illegal: no traffic, and the guest is told; or all stays as it was. */
function refuseSte(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  if (vmm.tx.rules.vmm.refusedSte === 'previous')
    return { errno: 'EIO', reason: `the STE of ${device.device} cannot be installed`, badSte: true };
  const { events } = vsmmuAt(vmm, index);
  changeVsmmu(vmm, index, { events: [...events, encodeEvent('C_BAD_STE', { StreamID: device.vsid })] });
  return putOn(vmm, index, device.vsid, ASKS_ABORT);
}

/** The device is on another HWPT now: the one of its last STE goes. */
function forgetHwpt(vmm: Vmm, index: number, vsid: number, hwpt: number | null): void {
  const device = deviceOfVsid(vsmmuAt(vmm, index), vsid) as PluggedDevice;
  const place = device.place as Nested;
  if (place.hwpt === hwpt) return;
  if (place.hwpt !== null) destroyObject(vmm, (vmOf(vmm).iommufd as VmIommufd).fd, place.hwpt);
  changeDevice(vmm, index, device.device, { place: { ...place, hwpt } });
}

/** Takes a device off everything; it stays open and bound. */
export function unplace(vmm: Vmm, index: number, vsid: number): void {
  const device = deviceOfVsid(vsmmuAt(vmm, index), vsid);
  const { iommufd } = vmOf(vmm);
  if (device === null || iommufd === null || device.place === null) return;
  const { place } = device;
  call(vmm, 'vfioDetach', { fd: device.fd });
  const objects = place.kind === 'nested' ? [place.hwpt, place.vdevice] : [place.shadow];
  for (const id of objects) if (id !== null) destroyObject(vmm, iommufd.fd, id);
  changeDevice(vmm, index, device.device, { place: null });
  freeUnusedBackings(vmm, index);
}
