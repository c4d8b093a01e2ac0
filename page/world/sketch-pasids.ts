import { unitsOf } from '../../model/platform/pasid.ts';
import type { World } from '../../model/world/world.ts';
import type { Pencil } from './pencil.ts';

/** Functions and slices with PASIDs, and which virtual machine has each. */
export function sketchPasids(pencil: Pencil, { pasids, platform }: World): void {
  const hardware = platform.pasid;
  if (pasids === null || hardware === undefined) return;
  for (const [index, { id }] of hardware.parents.entries()) {
    const stream = pasids.streams[index];
    const entries = stream?.entries.filter((entry) => entry !== null).length ?? 0;
    pencil.box(
      `parent ${index}`,
      'psmmu',
      `function ${id}`,
      entries === 0 ? 'PASID table is empty' : `PASID entries: ${entries}`,
      stream?.nested === true ? 'nested' : null,
    );
  }
  for (const [index, unit] of unitsOf(hardware).entries()) {
    const assigned = pasids.units[index] ?? null;
    pencil.box(
      `unit ${index}`,
      'device',
      unit.slice ? `slice ${unit.id}` : unit.id,
      ...(assigned === null
        ? ['free']
        : [
            assigned.pasid === null ? null : `PASID ${assigned.pasid}`,
            `${assigned.mechanism}, vIOMMU ${assigned.viommu}`,
            assigned.guest.translates ? 'the guest translates' : null,
          ]),
    );
    pencil.arrow(`unit ${index}`, `parent ${unit.parent}`, unit.slice ? 'slice of' : 'is');
    if (assigned === null) continue;
    pencil.box(`vm ${assigned.vm}`, 'vm', `VM ${assigned.vm}`);
    pencil.arrow(`unit ${index}`, `vm ${assigned.vm}`, 'given to');
  }
}
