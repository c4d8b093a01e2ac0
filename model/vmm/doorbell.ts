import { HWPT_DATA, IOAS_MAP } from '../../spec/iommufd/constants.ts';
import { MSI_WINDOW } from '../iommufd/drivers/smmuv3.ts';
import { doorbellPages, itsOf } from '../platform/doorbell.ts';
import type { PageRange } from '../platform/platform.ts';
import type { CommandArgs } from '../world/command.ts';
import { call, type Vmm, vmOf } from './process.ts';
import { kernelObjects, type Objection } from './refusal.ts';
import type { PluggedDevice, VmIommufd } from './vm.ts';

/** Where a VMM maps the doorbells of ITS n: far from the guest's memory, a place for each. */
const ITS_VA = 0x7e00_0000_0000n;
const ITS_VA_STEP = 0x100_0000n;

/** Where the machine's virtual ITS has its doorbells; null: it has none. */
export function vitsOf(vmm: Vmm): PageRange | null {
  const { name } = vmOf(vmm);
  return vmm.tx.world.platform.vmHardware?.find(({ vm }) => vm === name)?.vits ?? null;
}

/** Whether interrupts of the machine's devices are followed. */
function followsInterrupts(vmm: Vmm): boolean {
  const { name } = vmOf(vmm);
  return vmm.tx.world.platform.vmHardware?.find(({ vm }) => vm === name)?.vits !== undefined;
}

/**
 * What the machine's IORT says must be mapped one to one by the guest's stage 1 (RMR nodes): where the kernel puts the
 * doorbells, if it keeps that to itself.
 */
export function reservedForGuest(vmm: Vmm): readonly PageRange[] {
  if (!followsInterrupts(vmm)) return [];
  const { pageSize } = vmm.tx.world.platform.kernel;
  const { start, last } = MSI_WINDOW;
  const vits = vitsOf(vmm);
  switch (vmm.tx.rules.msi.doorbellPlace) {
    case 'window':
      return [{ start, pages: Number((last - start + 1n) / pageSize) }];
    case 'cookie':
      return vits === null ? [] : [vits];
    default:
      return [];
  }
}

/** What HWPT_ALLOC of a nesting parent is told of the doorbell (`cookie-user`). */
export function cookieFor(vmm: Vmm): Partial<CommandArgs['hwptAlloc']> {
  const vits = vitsOf(vmm);
  if (vmm.tx.rules.msi.doorbellPlace !== 'cookie' || vits === null) return {};
  return { dataType: HWPT_DATA.MSI_COOKIE, dataLen: 8, data: [vits.start] };
}

/** Maps the doorbell of a device that is plugged, where that is for the VMM to do. */
export function mapDoorbell(vmm: Vmm, { device, devId, iommufd }: PluggedDevice): Objection | null {
  const vits = vitsOf(vmm);
  const place = vmm.tx.rules.msi.doorbellPlace;
  const { platform } = vmm.tx.world;
  const index = platform.devices.findIndex(({ id }) => id === device);
  const its = itsOf(platform, index);
  if (vits === null || its.untranslated === true) return null;
  const of = vmOf(vmm).iommufds.find(({ number }) => number === iommufd);
  const { fd = -1, containers = [] }: Partial<VmIommufd> = of ?? {};
  const ioas = containers[0]?.ioas ?? 0;
  const { pageSize } = platform.kernel;
  if (place === 'asked-for') {
    const length = BigInt(vits.pages) * pageSize;
    const asked = call(vmm, 'ioasMapMsi', { fd, ioasId: ioas, devId, iova: vits.start, length });
    return asked.ok ? null : kernelObjects(`no doorbell for ${device} (IOAS_MAP_MSI)`, asked);
  }
  if (place !== 'its-file') return null;
  const itsIndex = platform.devices[index]?.its ?? 0;
  const va = ITS_VA + BigInt(itsIndex) * ITS_VA_STEP;
  // Its own mapping tells the VMM that the doorbell is where it should be.
  const process = vmm.tx.world.processes[vmm.actor];
  if (process?.itsMappings.some((mapping) => mapping.its === itsIndex) === true) return null;
  const mapped = call(vmm, 'mmapIts', { its: itsIndex, va });
  if (!mapped.ok) return kernelObjects(`no doorbell for ${device} (mmap)`, mapped);
  const length = BigInt(Math.min(vits.pages, doorbellPages(its))) * pageSize;
  const flags = IOAS_MAP.FIXED_IOVA | IOAS_MAP.READABLE | IOAS_MAP.WRITEABLE;
  const added = call(vmm, 'ioasMap', { fd, ioasId: ioas, flags, userVa: va, length, iova: vits.start });
  if (added.ok) return null;
  call(vmm, 'munmapIts', { va });
  return kernelObjects(`no doorbell for ${device} (IOAS_MAP)`, added);
}

/** Gives back the mappings of ITSes, once no device is left. */
export function unmapDoorbells(vmm: Vmm): void {
  for (const { va } of vmm.tx.world.processes[vmm.actor]?.itsMappings ?? []) call(vmm, 'munmapIts', { va });
}
