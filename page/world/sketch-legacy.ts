import type { World } from '../../model/world/world.ts';
import type { Pencil } from './pencil.ts';

/** VFIO's old containers: IOMMUs, the groups behind them, containers and their domains. */
export function sketchLegacy(pencil: Pencil, { legacy, platform }: World): void {
  const hardware = platform.legacy;
  if (legacy === null || hardware === undefined) return;
  for (const [index, { name }] of hardware.iommus.entries())
    pencil.box(`legacy iommu ${index}`, 'psmmu', `IOMMU ${name}`);
  for (const [index, { iommu, devices }] of hardware.groups.entries()) {
    const state = legacy.groups[index];
    pencil.box(
      `group ${index}`,
      'group',
      `group ${index}`,
      devices.join(', '),
      state?.opened === true ? 'open' : null,
      state === undefined || state.hostDrivers.length === 0
        ? null
        : `host drivers: ${state.hostDrivers.join(', ')}`,
      state === undefined || state.vectors.length === 0
        ? null
        : `vectors on: ${state.vectors.map(({ device }) => device).join(', ')}`,
    );
    pencil.arrow(`group ${index}`, `legacy iommu ${iommu}`, 'behind');
  }
  for (const [index, container] of legacy.containers.entries()) {
    if (container === null) continue;
    const id = `container ${index}`;
    const { type, mappings, domains, groups } = container;
    pencil.box(
      id,
      'container',
      `container ${index}`,
      type ?? 'no IOMMU type yet',
      `${mappings.length} mapped`,
    );
    for (const group of groups) pencil.arrow(`group ${group}`, id, 'in');
    for (const [at, { iommu, stage, mapped, groups: members, cookie }] of domains.entries()) {
      const own = `domain ${index} ${at}`;
      pencil.box(
        own,
        'hwpt',
        `domain ${at}`,
        `stage ${stage}, ${mapped.length} mapped`,
        `groups ${members.join(', ')}`,
        cookie === null ? 'MSIs are left alone' : `doorbells: ${cookie.pages.length}`,
      );
      pencil.arrow(own, id, 'of');
      pencil.arrow(own, `legacy iommu ${iommu}`, 'on');
    }
  }
}
