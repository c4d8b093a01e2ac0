import { reservedForGuest } from './doorbell.ts';
import { configure } from './place.ts';
import { putBehind } from './plug.ts';
import { putVm, type Vmm, vmOf } from './process.ts';
import type { Objection } from './refusal.ts';
import { decideRegistersAtBoot } from './registers.ts';
import { unplace } from './unplug.ts';
import { changeVsmmu, deviceNamed, operatorProperties, vsmmuAt } from './vsmmu.ts';

/**
 * Makes a machine run: the registers of every vSMMU decided and frozen, for the guest can read them from here on.
 * Where it says why not, nothing has changed.
 */
export function start(vmm: Vmm): Objection | null {
  const { rules } = vmm.tx;
  const decided = vmOf(vmm).vsmmus.map((_, index) => decideRegistersAtBoot(vmm, index));
  for (const [index, registers] of decided.entries()) {
    if (registers === null) {
      if (!rules.vmm.bootNeedsRegisters) continue;
      return { errno: 'ENODEV', reason: `nothing decides the ID registers of vSMMU ${index}` };
    }
    if (rules.vmm.emulatesWhatCannotNest) continue;
    for (const { device, iommu } of vsmmuAt(vmm, index).devices) {
      const objections = rules.vmm.plugObjections(registers, iommu, operatorProperties(vmm, index), null);
      if (objections.length > 0)
        return { errno: 'EINVAL', reason: `${device} does not fit vSMMU ${index}: ${objections.join(', ')}` };
    }
  }
  decided.forEach((registers, index) => {
    changeVsmmu(vmm, index, { registers });
  });
  putVm(vmm, { ...vmOf(vmm), running: true, rmr: reservedForGuest(vmm) });
  if (rules.vmm.emulatesWhatCannotNest)
    decided.forEach((_, index) => {
      settle(vmm, index);
    });
  return null;
}

/**
 * Before boot every plug may have changed the registers. Now that they stand, the devices that fit are nested and
 * the others emulated, whatever they were.
 */
function settle(vmm: Vmm, index: number): void {
  const { registers, devices } = vsmmuAt(vmm, index);
  if (registers === null) return;
  const properties = operatorProperties(vmm, index);
  const fit = devices.filter(
    ({ iommu }) => vmm.tx.rules.vmm.plugObjections(registers, iommu, properties, null).length === 0,
  );
  const misplaced = devices.some((device) => (device.place?.kind === 'nested') !== fit.includes(device));
  if (!misplaced) return;
  for (const { device } of devices) unplace(vmm, index, device);
  const others = devices.filter((device) => !fit.includes(device));
  for (const { device: id, vsid } of [...fit, ...others]) {
    const device = deviceNamed(vsmmuAt(vmm, index), id);
    if (device !== null) putBehind(vmm, index, device);
    configure(vmm, index, id, vsid);
  }
}
