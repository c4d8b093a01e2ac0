import type { Context } from '../../model/iommufd/context.ts';
import { firstObject, hasObject, hex } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

function rival(context: Context, of: number): number {
  const vdevice = context.objects[of];
  return context.objects.findIndex(
    (other, id) =>
      id > of &&
      vdevice?.type === 'vdevice' &&
      other?.type === 'vdevice' &&
      (other.devId === vdevice.devId || (other.viommu === vdevice.viommu && other.virtId === vdevice.virtId)),
  );
}

export const vsidOneToOne: StateProperty = {
  id: 'vsid-one-to-one',
  sentence: 'On a vIOMMU each virtual StreamID stands for one device, and a device has at most one vDEVICE.',
  source: 'include/uapi/linux/iommufd.h: IOMMU_VDEVICE_ALLOC',
  kind: 'state',
  appliesTo: hasSmmu,
  brokenBy: 'virt-id-given-twice',
  violated: (world) =>
    firstObject(world, (object, id, context) => {
      if (object.type !== 'vdevice') return null;
      const other = rival(context, id);
      return other < 0
        ? null
        : `vDEVICEs ${id} and ${other} share virtual StreamID ${hex(object.virtId)} or a device`;
    }),
  witness: (world) => hasObject(world, 'vdevice'),
};
