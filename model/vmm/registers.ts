import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import { HW_INFO_BYTES, registersOfHwInfo } from '../../spec/vsmmu/registers.ts';
import type { Result } from '../world/result.ts';
import { call, numberOf, type Vmm, vmOf } from './process.ts';
import type { PresentIommu } from './rules.ts';
import { operatorProperties } from './vsmmu.ts';

/** The IOMMUs of the machine's devices, those behind this vSMMU marked, in the order of plugging. */
function presentIommus(vmm: Vmm, index: number): readonly PresentIommu[] {
  const hardware = vmm.tx.world.platform.devices;
  return vmOf(vmm).vsmmus.flatMap(({ devices }, at) =>
    devices.map(({ iommu, device }) => ({
      ...iommu,
      here: at === index,
      ats: hardware.find(({ id }) => id === device)?.ats ?? false,
    })),
  );
}

/** What a vSMMU's registers are to be, from the operator's properties and the devices there are. */
export function decideRegisters(vmm: Vmm, index: number): IdRegisterValues | null {
  const properties = operatorProperties(vmm, index);
  return vmm.tx.rules.vmm.registers(properties, presentIommus(vmm, index));
}

/** As `decideRegisters`; where that decides nothing, other ways of asking the kernel are tried. */
export function decideRegistersAtBoot(vmm: Vmm, index: number): IdRegisterValues | null {
  const decided = decideRegisters(vmm, index);
  const ask = vmm.tx.rules.vmm.asksWithoutDevice;
  if (decided !== null || ask === 'nothing') return decided;
  const properties = operatorProperties(vmm, index);
  const iommu = vmm.tx.world.platform.iommus.findIndex(({ name }) => name === properties.iommu);
  const open = vmOf(vmm).iommufds[0]?.fd ?? null;
  const fd = open ?? numberOf(call(vmm, 'openIommufd', {}), 'fd');
  const told: Result =
    ask === 'driver'
      ? call(vmm, 'iommuDriverInfo', { fd, iommu })
      : // The id that the operator gave the IOMMU, where the kernel wants a device's.
        call(vmm, 'getHwInfo', { fd, devId: iommu + 1, dataLen: HW_INFO_BYTES });
  if (open === null) call(vmm, 'close', { fd });
  if (!told.ok) return null;
  const registers = registersOfHwInfo(told.out.data as readonly bigint[]);
  const present: readonly PresentIommu[] = [{ name: properties.iommu, registers, here: true, ats: false }];
  return vmm.tx.rules.vmm.registers(properties, present);
}
