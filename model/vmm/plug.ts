import { decode } from '../../spec/bits.ts';
import { HW_INFO_TYPE } from '../../spec/iommufd/constants.ts';
import { idr1 } from '../../spec/smmuv3/id-registers.ts';
import { EMULATED_REGISTERS, HW_INFO_BYTES, registersOfHwInfo } from '../../spec/vsmmu/registers.ts';
import type { Result } from '../world/result.ts';
import { mapDoorbell } from './doorbell.ts';
import { closeIfUnused, openVmIommufd } from './iommufd.ts';
import { configure, emulate, nest, putOn, unplace } from './place.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import { decideRegisters } from './registers.ts';
import { askedByGbpa, readStes } from './stream.ts';
import type { HostIommu, PluggedDevice } from './vm.ts';
import { changeVsmmu, deviceOfVsid, operatorProperties, vsmmuAt } from './vsmmu.ts';

/** Which device goes behind which vSMMU under which virtual StreamID. */
export interface Plug {
  readonly vsmmu: number;
  readonly device: string;
  readonly vsid: number;
}

/** What speaks against a plug before the kernel is asked. */
export function plugObjection(vmm: Vmm, { vsmmu: index, device, vsid }: Plug): Objection | null {
  const { platform } = vmm.tx.world;
  const vm = vmOf(vmm);
  const hardware = platform.devices.find(({ id }) => id === device);
  if (hardware === undefined || (hardware.host ?? 0) !== vm.host)
    return { errno: 'ENODEV', reason: `no device ${device} on this host` };
  const vsmmu = vm.vsmmus[index];
  if (vsmmu === undefined) return { errno: 'ENODEV', reason: `no vSMMU ${index}` };
  const { IDR1 } = vsmmu.registers ?? EMULATED_REGISTERS;
  const bits = decode(idr1, [BigInt(IDR1)]).SIDSIZE;
  if (vsid < 0 || vsid >= 2 ** bits)
    return { errno: 'EINVAL', reason: `StreamID ${vsid} has more than ${bits} bits` };
  if (deviceOfVsid(vsmmu, vsid) !== null)
    return { errno: 'EEXIST', reason: `StreamID ${vsid} is taken on vSMMU ${index}` };
  if (vm.vsmmus.some(({ devices }) => devices.some((each) => each.device === device)))
    return { errno: 'EBUSY', reason: `${device} is plugged already` };
  return null;
}

/** Opens and binds a device, asks for its IOMMU, and puts it behind the vSMMU, or says why not. */
export function plugIn(vmm: Vmm, plug: Plug): Objection | null {
  const iommufd = openVmIommufd(vmm);
  if ('errno' in iommufd) return iommufd;
  const opened = call(vmm, 'openCdev', { device: plug.device });
  if (!opened.ok) return kernelObjects(`${plug.device} cannot be opened`, opened);
  const { vsmmu: index, device, vsid } = plug;
  const fd = numberOf(opened, 'fd');
  const bound = call(vmm, 'vfioBind', { fd, iommufd: iommufd.fd });
  const devId = numberOf(bound, 'outDevid');
  const iommu = bound.ok ? askIommu(vmm, iommufd.fd, devId, device) : NO_IOMMU;
  const plugged: PluggedDevice = { device, vsid, fd, devId, iommu, place: null, vectors: [] };
  changeVsmmu(vmm, index, { devices: [...vsmmuAt(vmm, index).devices, plugged] });
  if (!bound.ok) return kernelObjects(`${device} cannot be bound`, bound);
  return putBehind(vmm, index, plugged) ?? mapDoorbell(vmm, plugged) ?? configureFirst(vmm, index, vsid);
}

const NO_IOMMU: HostIommu = Object.freeze({ name: '', registers: null });

/** What the host tells of the IOMMU in front of a bound device: sysfs its name, GET_HW_INFO its registers. */
function askIommu(vmm: Vmm, fd: number, devId: number, device: string): HostIommu {
  const { devices, smmus } = vmm.tx.world.platform;
  const name = smmus[devices.find(({ id }) => id === device)?.smmu ?? -1]?.name ?? '';
  const told = call(vmm, 'getHwInfo', { fd, devId, dataLen: HW_INFO_BYTES });
  if (!told.ok || told.out.dataType !== HW_INFO_TYPE.ARM_SMMUV3) return { name, registers: null };
  return { name, registers: registersOfHwInfo(told.out.data as readonly bigint[]) };
}

/** Nests a device if it fits, else emulates its stage 1 if that is the design; else says what does not fit. */
export function putBehind(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  const { rules } = vmm.tx;
  const registers = vsmmuAt(vmm, index).registers ?? decideRegisters(vmm, index);
  const objections =
    registers === null
      ? []
      : rules.vmm.plugObjections(registers, device.iommu, operatorProperties(vmm, index));
  const objection: Objection | null =
    objections.length === 0
      ? nest(vmm, index, device)
      : { errno: 'EINVAL', reason: `${device.device} does not fit vSMMU ${index}: ${objections.join(', ')}` };
  if (objection === null || !rules.vmm.emulatesWhatCannotNest) return objection;
  unplace(vmm, index, device.vsid);
  return emulate(vmm, index, device);
}

/** Where a device comes to be when it is plugged. */
function configureFirst(vmm: Vmm, index: number, vsid: number): Objection | null {
  const vsmmu = vsmmuAt(vmm, index);
  switch (vmm.tx.rules.vmm.plugConfigures(vsmmu.devices.length === 1)) {
    case 'as-asked':
      changeVsmmu(vmm, index, { stes: readStes(vsmmu, (each) => each === vsid) });
      return configureAsAsked(vmm, index, vsid);
    case 'as-gbpa':
      return putOn(vmm, index, vsid, askedByGbpa(vsmmu));
    case 'guest-memory': {
      const device = deviceOfVsid(vsmmu, vsid);
      const ioas = vmOf(vmm).iommufd?.ioas ?? 0;
      const attached: Result = call(vmm, 'vfioAttach', { fd: device?.fd ?? -1, ptId: ioas });
      return attached.ok ? null : kernelObjects(`${device?.device} cannot be attached`, attached);
    }
  }
}

/** What a guest wrote before is no reason to refuse a device, however wrong it is. */
function configureAsAsked(vmm: Vmm, index: number, vsid: number): Objection | null {
  const objection = configure(vmm, index, vsid);
  return objection?.badSte === true ? null : objection;
}

/** Takes a device out: off its page tables, its objects destroyed, its file closed. */
export function takeOut(vmm: Vmm, index: number, vsid: number): void {
  const device = deviceOfVsid(vsmmuAt(vmm, index), vsid);
  if (device === null) return;
  unplace(vmm, index, vsid);
  if (vmm.tx.rules.vmm.unplugClosesDevice) call(vmm, 'close', { fd: device.fd });
  const { devices } = vsmmuAt(vmm, index);
  changeVsmmu(vmm, index, { devices: devices.filter((each) => each.device !== device.device) });
  closeIfUnused(vmm);
}

/** Takes back a plug that came to nothing. */
export function undoPlug(vmm: Vmm, { vsmmu, vsid, device }: Plug): void {
  if (!vmm.tx.rules.vmm.failedPlugUndoes) return;
  const at = vmOf(vmm).vsmmus[vsmmu];
  if (at !== undefined && deviceOfVsid(at, vsid)?.device === device) takeOut(vmm, vsmmu, vsid);
  else closeIfUnused(vmm);
}
