import type { Context } from '../../model/iommufd/context.ts';
import type { IommufdObject, ObjectType } from '../../model/iommufd/objects.ts';
import type { World } from '../../model/world/world.ts';
import { firstObject, hasObject } from '../look.ts';
import type { StateProperty, Violation } from '../property.ts';

function dangling(context: Context, object: IommufdObject, id: number): Violation {
  const edge = (name: string, target: number | null, type: ObjectType): Violation =>
    target === null || context.objects[target]?.type === type
      ? null
      : `the ${name} of ${object.type} ${id} is ${target}, which is no ${type}`;
  switch (object.type) {
    case 'ioas':
      for (const hwpt of object.hwpts) {
        const violation = edge('domain', hwpt, 'hwptPaging');
        if (violation !== null) return violation;
      }
      return null;
    case 'hwptPaging':
      return edge('IOAS', object.ioas, 'ioas') ?? edge('fault queue', object.fault, 'fault');
    case 'hwptNested':
      return (
        edge('vIOMMU', object.viommu, 'viommu') ??
        edge('parent', object.parent, 'hwptPaging') ??
        edge('fault queue', object.fault, 'fault')
      );
    case 'device':
      return edge('vDEVICE', object.vdevice, 'vdevice');
    case 'viommu':
      return edge('nesting parent', object.hwpt, 'hwptPaging');
    case 'vdevice':
      return edge('vIOMMU', object.viommu, 'viommu') ?? edge('device', object.devId, 'device');
    case 'veventq':
      return edge('vIOMMU', object.viommu, 'viommu');
    case 'fault':
      return null;
    case 'access':
      return (
        edge('IOAS', object.ioas, 'ioas') ??
        edge('old IOAS', object.moving?.from ?? null, 'ioas') ??
        edge('new IOAS', object.moving?.to ?? null, 'ioas')
      );
    case 'selftest':
      return edge('device', object.devId, 'device');
    case 'hwQueue':
      return (
        edge('vIOMMU', object.viommu, 'viommu') ??
        edge('access', object.access, 'access') ??
        edge('queue before it', object.previous, 'hwQueue')
      );
  }
}

/** An open file, or one that is still to be released, of something that is gone. */
function danglingFile({ files, contexts }: World): Violation {
  for (const file of files) {
    const of = file?.of;
    if (of?.kind !== 'veventq' && of?.kind !== 'fault') continue;
    if (contexts[of.ctx]?.objects[of.id]?.type !== of.kind)
      return `a file that is ${file?.refs === 0 ? 'still to be released' : 'open'} is of ${of.kind} ${of.id}, which is gone`;
  }
  return null;
}

/** What a group, or a PASID of it, is on and nothing is left of. */
function danglingAttachment({ contexts }: World): Violation {
  for (const context of contexts) {
    for (const { group, attach, pasids } of context?.groups ?? []) {
      for (const { hwpt } of attach === null ? pasids : [attach, ...pasids]) {
        const type = context?.objects[hwpt]?.type;
        if (type !== 'hwptPaging' && type !== 'hwptNested')
          return `group ${group} is on HWPT ${hwpt}, which is gone`;
      }
    }
  }
  return null;
}

export const noDanglingReference: StateProperty = {
  id: 'no-dangling-reference',
  sentence: 'What an object, a file or a group refers to exists and is of the right kind.',
  source: 'iommufd: Destroy vdevice on idevice destroy (2025-07)',
  kind: 'state',
  brokenBy: 'unbind-leaves-vdevice',
  violated: (world) =>
    firstObject(world, (object, id, context) => dangling(context, object, id)) ??
    danglingFile(world) ??
    danglingAttachment(world),
  witness: (world) =>
    hasObject(world, 'vdevice') || hasObject(world, 'hwptNested') || hasObject(world, 'fault'),
};
