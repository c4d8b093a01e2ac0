import { IOAS_MAP } from '../../spec/iommufd/constants.ts';
import type { VmHardware } from '../platform/platform.ts';
import type { World } from '../world/world.ts';
import { unmapDoorbells } from './doorbell.ts';
import { call, numberOf, putVm, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import { type Container, RAM_BASE, type VmIommufd } from './vm.ts';

/** A stretch of the guest's memory: its IPA, and the VMM's pages behind it. */
interface RamSlot {
  readonly ipa: bigint;
  readonly va: bigint;
  readonly length: bigint;
  readonly writable: boolean;
}

/** The memory map of a machine of the world. */
function ramSlots({ platform, vms }: World, index: number): readonly RamSlot[] {
  const hardware: Partial<VmHardware> = platform.vmHardware?.find(({ vm }) => vm === vms[index]?.name) ?? {};
  const slots: RamSlot[] = [];
  if (hardware.ram === undefined) {
    let ipa = RAM_BASE;
    for (const { start: va, last, writable } of platform.userMemory) {
      slots.push({ ipa, va, length: last - va + 1n, writable });
      ipa += last - va + 1n;
    }
    return slots;
  }
  let next = platform.userMemory[0]?.start ?? 0n;
  for (const { start: ipa, pages, va = next } of hardware.ram) {
    const length = BigInt(pages) * platform.kernel.pageSize;
    slots.push({ ipa, va, length, writable: true });
    next = va + length;
  }
  return slots;
}

/** Whether a machine of the world has memory at an IPA. */
export function isRam(world: World, index: number, ipa: bigint): boolean {
  return ramSlots(world, index).some((slot) => ipa >= slot.ipa && ipa < slot.ipa + slot.length);
}

export function iommufdOf(vmm: Vmm, number: number): VmIommufd | null {
  return vmOf(vmm).iommufds.find((each) => each.number === number) ?? null;
}

/** Opens /dev/iommu for the devices of this number, unless it is open. */
export function openVmIommufd(vmm: Vmm, number: number): void {
  if (iommufdOf(vmm, number) !== null) return;
  const fd = numberOf(call(vmm, 'openIommufd', {}), 'fd');
  const vm = vmOf(vmm);
  putVm(vmm, { ...vm, iommufds: [...vm.iommufds, { number, fd, containers: [] }] });
}

/** Puts other containers in the place of those that an iommufd has. */
export function putContainers(vmm: Vmm, number: number, containers: readonly Container[]): void {
  const vm = vmOf(vmm);
  const iommufds = vm.iommufds.map((each) => (each.number === number ? { ...each, containers } : each));
  putVm(vmm, { ...vm, iommufds });
}

/** An IOAS in which the guest's memory has its IPAs, if the iommufd has none. */
export function giveMemory(vmm: Vmm, number: number): Objection | null {
  const { fd, containers } = iommufdOf(vmm, number) as VmIommufd;
  if (containers.length > 0) return null;
  const made = call(vmm, 'ioasAlloc', { fd });
  if (!made.ok) return kernelObjects('no IOAS for the guest', made);
  const ioas = numberOf(made, 'outIoasId');
  const objection = mapMemory(vmm, fd, ioas);
  if (objection === null) putContainers(vmm, number, [{ ioas, parents: [] }]);
  return objection;
}

export function mapMemory(vmm: Vmm, fd: number, ioas: number): Objection | null {
  for (const { ipa: iova, va: userVa, length, writable } of ramSlots(vmm.tx.world, vmm.index)) {
    const flags = IOAS_MAP.FIXED_IOVA | IOAS_MAP.READABLE | (writable ? IOAS_MAP.WRITEABLE : 0);
    const mapped = call(vmm, 'ioasMap', { fd, ioasId: ioas, flags, userVa, length, iova });
    if (!mapped.ok) return kernelObjects("the guest's memory cannot be mapped", mapped);
  }
  return null;
}

export function unmapMemory(vmm: Vmm, fd: number, ioas: number): void {
  for (const { ipa: iova, length } of ramSlots(vmm.tx.world, vmm.index))
    call(vmm, 'ioasUnmap', { fd, ioasId: ioas, iova, length });
}

/** Closes an iommufd once no device of it is left; every object of the context goes with it. */
export function closeIfUnused(vmm: Vmm, number: number): void {
  const { iommufds, vsmmus } = vmOf(vmm);
  const iommufd = iommufds.find((each) => each.number === number);
  if (iommufd === undefined) return;
  if (vsmmus.some(({ devices }) => devices.some((device) => device.iommufd === number))) return;
  call(vmm, 'close', { fd: iommufd.fd });
  unmapDoorbells(vmm);
  putVm(vmm, { ...vmOf(vmm), iommufds: iommufds.filter((each) => each !== iommufd) });
}
