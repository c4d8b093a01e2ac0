import type { World } from '../../model/world/world.ts';
import { hexOf, type Pencil } from './pencil.ts';

export function smmuId(index: number): string {
  return `smmu ${index}`;
}

export function deviceId(index: number): string {
  return `device ${index}`;
}

/** IOMMUs and the devices behind them, and what their DMA goes through. */
export function sketchHardware(pencil: Pencil, { platform, devices, groups, smmus, machine }: World): void {
  for (const [index, { name, kind }] of platform.smmus.entries()) {
    const what = kind === 'smmuv3' ? 'pSMMU' : kind === 'vtd' ? 'VT-d unit' : 'IOMMU';
    const vmids = smmus[index]?.vmids ?? [];
    const registers = machine?.registers[index];
    pencil.box(
      smmuId(index),
      'psmmu',
      `${what} ${name}`,
      vmids.length === 0 ? null : `VMIDs in use: ${vmids.join(', ')}`,
      registers === undefined || registers.enabled ? null : `SMMUEN=0 GBPA.ABORT=${Number(registers.aborts)}`,
    );
  }
  for (const [index, { id, smmu, group, streamIds }] of platform.devices.entries()) {
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
    pencil.arrow(deviceId(index), smmuId(smmu), 'behind');
    if (domain?.kind === 'hwpt') pencil.arrow(deviceId(index), `${domain.ctx}/${domain.hwpt}`, 'attached');
    for (const { pasid, ctx, hwpt } of groups[group]?.pasids ?? [])
      pencil.arrow(deviceId(index), `${ctx}/${hwpt}`, `PASID ${pasid}`);
  }
}
