import type { Context } from '../model/iommufd/context.ts';
import type { IommufdObject, ObjectType } from '../model/iommufd/objects.ts';
import { firstObject } from './look.ts';
import type { StateProperty } from './property.ts';

type Edge = readonly [name: string, id: number | null, type: ObjectType];

function edgesOf(object: IommufdObject): readonly Edge[] {
  switch (object.type) {
    case 'ioas':
      return object.hwpts.map((id) => ['domain', id, 'hwptPaging'] as const);
    case 'hwptPaging':
      return [
        ['IOAS', object.ioas, 'ioas'],
        ['fault queue', object.fault, 'fault'],
      ];
    case 'hwptNested':
      return [
        ['vIOMMU', object.viommu, 'viommu'],
        ['parent', object.parent, 'hwptPaging'],
        ['fault queue', object.fault, 'fault'],
      ];
    case 'device':
      return [['vDEVICE', object.vdevice, 'vdevice']];
    case 'viommu':
      return [['nesting parent', object.hwpt, 'hwptPaging']];
    case 'vdevice':
      return [
        ['vIOMMU', object.viommu, 'viommu'],
        ['device', object.devId, 'device'],
      ];
    case 'veventq':
      return [['vIOMMU', object.viommu, 'viommu']];
    case 'fault':
      return [];
  }
}

function dangling(context: Context, object: IommufdObject, id: number): string | null {
  for (const [name, target, type] of edgesOf(object)) {
    if (target === null || context.objects[target]?.type === type) continue;
    return `the ${name} of ${object.type} ${id} is ${target}, which is no ${type}`;
  }
  return null;
}

export const noDanglingReference: StateProperty = {
  id: 'no-dangling-reference',
  sentence: 'What an object refers to exists and is of the right kind.',
  source: 'iommufd: Destroy vdevice on idevice destroy (2025-07)',
  kind: 'state',
  brokenBy: 'unbind-leaves-vdevice',
  violated: (world) => firstObject(world, (object, id, context) => dangling(context, object, id)),
  witness: (world) => firstObject(world, (object) => (edgesOf(object).length > 1 ? true : null)) !== null,
};
