import type { World } from '../../model/world/world.ts';
import { hexOf, type Pencil } from './pencil.ts';

export function iommuId(index: number): string {
  return `iommu ${index}`;
}

export function deviceId(index: number): string {
  return `device ${index}`;
}

/** As many devices are drawn whatever they do; of more only those with which something has been done. */
const FEW = 3;

/**
 * IOMMUs and the devices behind them, and what their DMA goes through. Gives the names of devices that are not drawn.
 */
export function sketchHardware(pencil: Pencil, world: World): readonly string[] {
  const { platform, devices, groups, iommus, machine } = world;
  const busy = busyDevices(world);
  const isDrawn = (device: number): boolean =>
    busy.size === 0 || platform.devices.length <= FEW || busy.has(device);
  for (const [index, { name, kind }] of platform.iommus.entries()) {
    const isNeeded = platform.devices.some(({ iommu }, device) => iommu === index && isDrawn(device));
    if (!isNeeded && platform.devices.length > FEW) continue;
    const what = kind === 'smmuv3' ? 'pSMMU' : kind === 'vtd' ? 'VT-d unit' : 'IOMMU';
    const vmids = iommus[index]?.vmids ?? [];
    const registers = machine?.registers[index];
    pencil.box(
      iommuId(index),
      'psmmu',
      `${what} ${name}`,
      vmids.length === 0 ? null : `VMIDs in use: ${vmids.join(', ')}`,
      registers === undefined || registers.enabled ? null : `SMMUEN=0 GBPA.ABORT=${Number(registers.aborts)}`,
    );
  }
  for (const [index, { id, iommu, group, streamIds }] of platform.devices.entries()) {
    if (!isDrawn(index)) continue;
    const state = devices[index];
    const domain = groups[group]?.domain;
    pencil.box(
      deviceId(index),
      'device',
      id,
      `StreamID ${streamIds.map(hexOf).join(', ')} group ${group}`,
      domain?.kind === 'blocked' ? 'DMA is blocked' : null,
      state?.vmaster == null ? null : `events under vSID ${hexOf(state.vmaster.vsid)}`,
      state === undefined || state.messages.length === 0 ? null : `MSI vectors: ${state.messages.length}`,
      state?.resetting === true ? 'is being reset' : null,
    );
    pencil.arrow(deviceId(index), iommuId(iommu), 'behind');
    if (domain?.kind === 'hwpt') pencil.arrow(deviceId(index), `${domain.ctx}/${domain.hwpt}`, 'attached');
    for (const { pasid, ctx, hwpt } of groups[group]?.pasids ?? [])
      pencil.arrow(deviceId(index), `${ctx}/${hwpt}`, `PASID ${pasid}`);
  }
  return platform.devices.filter((_, device) => !isDrawn(device)).map(({ id }) => id);
}

/** Devices with which something has been done: those that a process has, and the others of their groups. */
function busyDevices({ platform, devices, groups, vms }: World): ReadonlySet<number> {
  const plugged = new Set(
    vms.flatMap(({ vsmmus }) => vsmmus.flatMap((each) => each.devices)).map(({ device }) => device),
  );
  return new Set(
    platform.devices.flatMap(({ id, group }, index) => {
      const isUsed = devices[index]?.opened === true || groups[group]?.domain.kind !== 'default';
      return isUsed || plugged.has(id) || (groups[group]?.pasids.length ?? 0) > 0 ? [index] : [];
    }),
  );
}
