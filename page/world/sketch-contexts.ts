import type { ObjectNames } from '../../checker/render/names.ts';
import type { IommufdObject } from '../../model/iommufd/objects.ts';
import type { World } from '../../model/world/world.ts';
import { hexOf, type Pencil } from './pencil.ts';
import { deviceId, iommuId } from './sketch-hardware.ts';

/** The objects of every iommufd context, with their references. */
export function sketchContexts(pencil: Pencil, world: World, names: ObjectNames): void {
  for (const [ctx, context] of world.contexts.entries()) {
    if (context === null) continue;
    const several = world.contexts.filter((each) => each !== null).length > 1;
    for (const [id, object] of context.objects.entries()) {
      if (object === null || object.type === 'tombstone') continue;
      const name = names.resolve(['contexts', ctx, 'objects', id])?.name ?? null;
      const own = `${several ? `iommufd ${ctx}: ` : ''}id ${id}${name === null ? '' : ` ${name}`}`;
      sketchObject(pencil, `${ctx}/${id}`, ctx, own, object);
    }
  }
}

function sketchObject(pencil: Pencil, id: string, ctx: number, own: string, object: IommufdObject): void {
  const to = (other: number | null, label: string): void => {
    if (other !== null) pencil.arrow(id, `${ctx}/${other}`, label);
  };
  const users = `users ${object.users}`;
  switch (object.type) {
    case 'ioas': {
      const { areas, reserved } = object.iopt;
      const mapped =
        areas.length === 0 ? null : `${areas.length} area${areas.length === 1 ? '' : 's'} mapped`;
      pencil.box(id, 'ioas', 'IOAS', own, `${users}, reserved ${reserved.length}`, mapped);
      return;
    }
    case 'hwptPaging': {
      const { domain, nestParent, autoDomain, dirty } = object;
      const kind = nestParent ? 'HWPT, nesting parent' : autoDomain ? 'HWPT, automatic' : 'HWPT';
      pencil.box(
        id,
        'hwpt',
        kind,
        own,
        users,
        'vmid' in domain && domain.vmid !== null ? `stage ${domain.stage}, VMID ${domain.vmid}` : null,
        dirty?.tracking === true ? `tracks writes: ${dirty.pages.length} pages` : null,
        object.msiPages.length === 0 ? null : `doorbells ${object.msiPages.join(', ')}`,
      );
      to(object.ioas, 'maps');
      to(object.fault, 'faults to');
      return;
    }
    case 'hwptNested':
      pencil.box(id, 'nested', 'HWPT, nested', own, `${object.domain.config}, ${users}`);
      to(object.viommu, 'on');
      if (object.viommu === null) to(object.parent, 'on');
      to(object.fault, 'faults to');
      return;
    case 'device':
      pencil.line(deviceId(object.device), `${own}, ${users}`);
      if (object.vdevice !== null) pencil.arrow(`${ctx}/${object.vdevice}`, deviceId(object.device), 'of');
      return;
    case 'viommu':
      pencil.box(id, 'viommu', 'vIOMMU', own, `${users}, VMID ${object.vmid}`);
      to(object.hwpt, 'nests in');
      pencil.arrow(id, iommuId(object.iommu), `VMID ${object.vmid}`);
      return;
    case 'vdevice':
      pencil.box(id, 'vdevice', 'vDEVICE', own, `vSID ${hexOf(object.virtId)}, ${users}`);
      to(object.viommu, 'on');
      return;
    case 'veventq':
      pencil.box(id, 'queue', 'vEVENTQ', own, `${object.numEvents} of ${object.depth} events`);
      to(object.viommu, 'of');
      return;
    case 'fault':
      pencil.box(id, 'queue', 'fault queue', own, `${object.groups.length} groups unanswered`);
      return;
    case 'access': {
      const { mdev, pins, ioas, moving } = object;
      pencil.box(
        id,
        'device',
        `access of mdev ${mdev}`,
        own,
        `pins ${pins.length}`,
        moving && 'is being moved',
      );
      to(ioas, 'on');
      return;
    }
  }
}
