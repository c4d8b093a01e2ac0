import type { Vm, Vsmmu } from '../../model/vmm/vm.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { hexOf, type Pencil } from './pencil.ts';
import { deviceId } from './sketch-hardware.ts';

/** Virtual machines with their vSMMUs, and the devices that are plugged behind these. */
export function sketchVms(pencil: Pencil, { vms, platform, processes, files }: World): void {
  for (const vm of vms) {
    const id = `vm ${vm.name}`;
    pencil.box(
      id,
      'vm',
      `VM ${vm.name}`,
      vm.running ? 'running' : 'not booted',
      hostLine(vm, platform.devices),
    );
    for (const [index, vsmmu] of vm.vsmmus.entries()) {
      const own = `vsmmu ${vm.name} ${index}`;
      pencil.box(own, 'vsmmu', `vSMMU ${index}`, ...vsmmuLines(vsmmu));
      pencil.arrow(own, id, 'of');
      for (const { fd, viommu } of vsmmu.backings) {
        const ctx = contextOf({ processes, files }, vm.name, fd);
        if (ctx !== null) pencil.arrow(own, `${ctx}/${viommu}`, 'backed by');
      }
      for (const { device, vsid } of vsmmu.devices) {
        const at = platform.devices.findIndex((each) => each.id === device);
        if (at >= 0) pencil.arrow(deviceId(at), own, `vSID ${hexOf(vsid)}`);
      }
    }
  }
}

function hostLine({ host }: Vm, devices: World['platform']['devices']): string | null {
  return devices.some(({ host: other = 0 }) => other !== 0) ? `on host ${host}` : null;
}

function vsmmuLines({ registers, cr0, control }: Vsmmu): readonly (string | null)[] {
  const active = (control.GERROR ^ control.GERRORN) !== 0;
  return [
    registers === null
      ? 'no ID registers yet'
      : `IDR0 ${hexOf(registers.IDR0)} IDR5 ${hexOf(registers.IDR5)}`,
    `SMMUEN=${cr0 & 1} EVENTQEN=${(cr0 >> 2) & 1} CMDQEN=${(cr0 >> 3) & 1}`,
    active ? 'GERROR is active' : null,
  ];
}

/** The context of a descriptor of a VM's process. */
function contextOf(
  { processes, files }: Pick<World, 'processes' | 'files'>,
  vm: string,
  fd: number,
): number | null {
  const index = processes[`vmm:${vm}`]?.fds[fd - FIRST_FD] ?? null;
  const of = index === null ? undefined : files[index]?.of;
  return of?.kind === 'iommufd' ? of.ctx : null;
}
