import { decode } from '../../spec/bits.ts';
import { HW_INFO_TYPE } from '../../spec/iommufd/constants.ts';
import { idr1 } from '../../spec/smmuv3/id-registers.ts';
import { EMULATED_REGISTERS, HW_INFO_BYTES, registersOfHwInfo } from '../../spec/vsmmu/registers.ts';
import { functionOf, keepBus } from './buses.ts';
import { attachToContainer } from './container.ts';
import { mapDoorbell } from './doorbell.ts';
import { entriesMayBeFetched } from './held.ts';
import { closeIfUnused, giveMemory, iommufdOf, openVmIommufd } from './iommufd.ts';
import { configure, emulate, nest, putOn, putOnGbpa } from './place.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import { decideRegisters } from './registers.ts';
import type { PlugStep } from './steps.ts';
import { ASKS_BYPASS } from './stream.ts';
import { takeOut, unplace } from './unplug.ts';
import { type HostIommu, NOTHING_HELD, type PluggedDevice, type VmIommufd, type Vsmmu } from './vm.ts';
import {
  changeDevice,
  changeVsmmu,
  deviceNamed,
  deviceOfVsid,
  operatorProperties,
  vsmmuAt,
} from './vsmmu.ts';

/** Which device goes behind which vSMMU under which virtual StreamID, by which of the VMM's files of /dev/iommu. */
export interface Plug {
  readonly vsmmu: number;
  readonly device: string;
  readonly vsid: number;
  readonly iommufd: number;
  readonly port: string;
}

/** What speaks against a plug before the kernel is asked. */
export function plugObjection(vmm: Vmm, { vsmmu: index, device, vsid, port }: Plug): Objection | null {
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
  if (isTaken(vmm, vsmmu, vsid, port))
    return { errno: 'EEXIST', reason: `StreamID ${vsid} is taken on vSMMU ${index}` };
  if (vm.vsmmus.some(({ devices }) => devices.some((each) => each.device === device)))
    return { errno: 'EBUSY', reason: `${device} is plugged already` };
  return null;
}

/**
 * Before the guest has numbered its buses the first devices of all of them have one StreamID: only a VMM that names streams to
 * the kernel at plug has to keep them apart. A place on a bus is one device's in any case.
 */
function isTaken(vmm: Vmm, vsmmu: Vsmmu, vsid: number, port: string): boolean {
  if (port === '' || vmm.tx.rules.vmm.vdeviceAtPlug) return deviceOfVsid(vsmmu, vsid) !== null;
  return vsmmu.devices.some((device) => device.port === port && functionOf(device.vsid) === functionOf(vsid));
}

type Step = (vmm: Vmm, plug: Plug, device: PluggedDevice | null) => Objection | null;

const STEPS: { readonly [S in PlugStep]: Step } = {
  'open-iommufd': (vmm, { iommufd }) => {
    openVmIommufd(vmm, iommufd);
    return null;
  },
  'change-process': (vmm, { iommufd }) => {
    const { fd, containers } = iommufdOf(vmm, iommufd) as VmIommufd;
    if (containers.length > 0) return null;
    const changed = call(vmm, 'ioasChangeProcess', { fd });
    return changed.ok ? null : kernelObjects('the iommufd cannot be taken over', changed);
  },
  'guest-memory': (vmm, { iommufd }) => giveMemory(vmm, iommufd),
  'open-device': openDevice,
  bind: (vmm, { vsmmu, iommufd, device: id }, device) => {
    const bound = call(vmm, 'vfioBind', { fd: device?.fd ?? -1, iommufd: iommufdOf(vmm, iommufd)?.fd ?? -1 });
    if (!bound.ok) return kernelObjects(`${id} cannot be bound`, bound);
    changeDevice(vmm, vsmmu, id, { devId: numberOf(bound, 'outDevid') });
    return null;
  },
  container: (vmm, { vsmmu, device }) => attachToContainer(vmm, vsmmu, device),
  'ask-iommu': (vmm, { vsmmu, device: id, iommufd }, device) => {
    changeDevice(vmm, vsmmu, id, {
      iommu: askIommu(vmm, iommufdOf(vmm, iommufd)?.fd ?? -1, device?.devId ?? 0, id),
    });
    return null;
  },
  check: (vmm, { vsmmu }, device) => (device === null ? null : check(vmm, vsmmu, device)),
  back: (vmm, { vsmmu }, device) => (device === null ? null : putBehind(vmm, vsmmu, device)),
  doorbell: (vmm, _plug, device) => (device === null ? null : mapDoorbell(vmm, device)),
  configure: (vmm, { vsmmu }, device) => (device === null ? null : configureFirst(vmm, vsmmu, device)),
};

/** Does what a plug takes, step by step, or says why not. */
export function plugIn(vmm: Vmm, plug: Plug): Objection | null {
  for (const step of vmm.tx.rules.vmm.plugSteps) {
    const device = deviceNamed(vsmmuAt(vmm, plug.vsmmu), plug.device);
    const objection = STEPS[step](vmm, plug, device);
    if (objection !== null) return objection;
  }
  entriesMayBeFetched(vmm, plug.vsmmu);
  return null;
}

const NO_IOMMU: HostIommu = Object.freeze({ name: '', registers: null });

function openDevice(vmm: Vmm, { vsmmu: index, device, vsid, iommufd, port }: Plug): Objection | null {
  const opened = call(vmm, 'openCdev', { device });
  if (!opened.ok) return kernelObjects(`${device} cannot be opened`, opened);
  const plugged: PluggedDevice = {
    device,
    vsid,
    aliases: [],
    iommufd,
    fd: numberOf(opened, 'fd'),
    devId: 0,
    iommu: NO_IOMMU,
    parent: null,
    place: null,
    held: NOTHING_HELD,
    vectors: [],
    port: port === '' ? null : port,
  };
  changeVsmmu(vmm, index, { devices: [...vsmmuAt(vmm, index).devices, plugged] });
  keepBus(vmm, index, plugged);
  return null;
}

/** What the host tells of the IOMMU in front of a bound device: sysfs its name, GET_HW_INFO its registers. */
function askIommu(vmm: Vmm, fd: number, devId: number, device: string): HostIommu {
  const { devices, iommus } = vmm.tx.world.platform;
  const name = iommus[devices.find(({ id }) => id === device)?.iommu ?? -1]?.name ?? '';
  const told = call(vmm, 'getHwInfo', { fd, devId, dataLen: HW_INFO_BYTES });
  if (!told.ok || told.out.dataType !== HW_INFO_TYPE.ARM_SMMUV3) return { name, registers: null };
  return { name, registers: registersOfHwInfo(told.out.data as readonly bigint[]) };
}

/** Why a device does not fit; null: it does, or what does not fit is emulated. */
function check(vmm: Vmm, index: number, { device, iommu }: PluggedDevice): Objection | null {
  const { rules } = vmm.tx;
  const { registers: decided, pinned } = vsmmuAt(vmm, index);
  if (pinned === null) {
    const pins = rules.vmm.firstDevicePins(iommu);
    if (pins !== null) changeVsmmu(vmm, index, { pinned: pins });
  }
  const registers = decided ?? decideRegisters(vmm, index);
  if (registers === null || rules.vmm.emulatesWhatCannotNest) return null;
  const objections = rules.vmm.plugObjections(registers, iommu, operatorProperties(vmm, index), pinned);
  if (objections.length === 0) return null;
  return { errno: 'EINVAL', reason: `${device} does not fit vSMMU ${index}: ${objections.join(', ')}` };
}

/** Nests a device, or emulates its stage 1 if it cannot be and that is the design. */
export function putBehind(vmm: Vmm, index: number, device: PluggedDevice): Objection | null {
  const { rules } = vmm.tx;
  const { registers: decided, pinned } = vsmmuAt(vmm, index);
  const registers = decided ?? decideRegisters(vmm, index);
  const fits =
    registers === null ||
    !rules.vmm.emulatesWhatCannotNest ||
    rules.vmm.plugObjections(registers, device.iommu, operatorProperties(vmm, index), pinned).length === 0;
  const objection = fits ? nest(vmm, index, device) : null;
  if (fits && objection === null) return null;
  if (!rules.vmm.emulatesWhatCannotNest) return objection;
  unplace(vmm, index, device.device);
  return emulate(vmm, index, device);
}

/** Where a device comes to be when it is plugged. */
function configureFirst(vmm: Vmm, index: number, { device: id, vsid }: PluggedDevice): Objection | null {
  const { devices } = vsmmuAt(vmm, index);
  switch (vmm.tx.rules.vmm.plugConfigures(devices.length === 1)) {
    case 'as-asked': {
      // What a guest wrote before is no reason to refuse a device, however wrong it is.
      const objection = configure(vmm, index, id, vsid);
      return objection?.badSte === true ? null : objection;
    }
    case 'as-gbpa':
      return putOnGbpa(vmm, index, id);
    case 'bypass':
      return putOn(vmm, index, id, ASKS_BYPASS);
    case 'nothing':
      return null;
  }
}

/** Takes back a plug that came to nothing. */
export function undoPlug(vmm: Vmm, { vsmmu, device, iommufd }: Plug): void {
  if (!vmm.tx.rules.vmm.failedPlugUndoes) return;
  const at = vmOf(vmm).vsmmus[vsmmu];
  if (at !== undefined && deviceNamed(at, device) !== null) takeOut(vmm, vsmmu, device);
  else closeIfUnused(vmm, iommufd);
}
