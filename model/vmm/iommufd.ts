import { IOAS_MAP } from '../../spec/iommufd/constants.ts';
import { unmapDoorbells } from './doorbell.ts';
import { call, numberOf, putVm, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import type { VmIommufd } from './vm.ts';

/** Where the guest's memory begins if nothing else is said: the first IPA of RAM on QEMU's `virt` machine. */
const RAM_BASE = 0x4000_0000n;

/** A stretch of the guest's memory: its IPA, and the VMM's pages behind it. */
interface RamSlot {
  readonly ipa: bigint;
  readonly va: bigint;
  readonly length: bigint;
  readonly writable: boolean;
}

/** The machine's memory map. */
function ramOf({ tx, index }: Vmm): readonly RamSlot[] {
  const { platform, vms } = tx.world;
  const { ram } = platform.vmHardware?.find(({ vm }) => vm === vms[index]?.name) ?? {};
  const slots: RamSlot[] = [];
  if (ram === undefined) {
    let ipa = RAM_BASE;
    for (const { start: va, last, writable } of platform.userMemory) {
      slots.push({ ipa, va, length: last - va + 1n, writable });
      ipa += last - va + 1n;
    }
    return slots;
  }
  let va = platform.userMemory[0]?.start ?? 0n;
  for (const { start: ipa, pages } of ram) {
    const length = BigInt(pages) * platform.kernel.pageSize;
    slots.push({ ipa, va, length, writable: true });
    va += length;
  }
  return slots;
}

/** The machine's iommufd with all of the guest's memory mapped; opened with the first device. */
export function openVmIommufd(vmm: Vmm): VmIommufd | Objection {
  const { iommufd } = vmOf(vmm);
  if (iommufd !== null) return iommufd;
  const opened = call(vmm, 'openIommufd', {});
  const fd = numberOf(opened, 'fd');
  const mapped = mapMemory(vmm, fd);
  if (typeof mapped !== 'number') {
    call(vmm, 'close', { fd });
    return mapped;
  }
  putVm(vmm, { ...vmOf(vmm), iommufd: { fd, ioas: mapped } });
  return { fd, ioas: mapped };
}

/** An IOAS in which the guest's memory has its IPAs. */
function mapMemory(vmm: Vmm, fd: number): number | Objection {
  const made = call(vmm, 'ioasAlloc', { fd });
  if (!made.ok) return kernelObjects('no IOAS for the guest', made);
  const ioas = numberOf(made, 'outIoasId');
  for (const { ipa: iova, va: userVa, length, writable } of ramOf(vmm)) {
    const flags = IOAS_MAP.FIXED_IOVA | IOAS_MAP.READABLE | (writable ? IOAS_MAP.WRITEABLE : 0);
    const mapped = call(vmm, 'ioasMap', { fd, ioasId: ioas, flags, userVa, length, iova });
    if (!mapped.ok) return kernelObjects("the guest's memory cannot be mapped", mapped);
  }
  return ioas;
}

/** Closes the machine's iommufd once no device is left; every object of the context goes with it. */
export function closeIfUnused(vmm: Vmm): void {
  const { iommufd, vsmmus } = vmOf(vmm);
  if (iommufd === null || vsmmus.some(({ devices }) => devices.length > 0)) return;
  call(vmm, 'close', { fd: iommufd.fd });
  unmapDoorbells(vmm);
  putVm(vmm, { ...vmOf(vmm), iommufd: null });
}
