import { HWPT_ALLOC, HWPT_DATA, VIOMMU_TYPE } from '../../../spec/iommufd/constants.ts';
import { SteConfig } from '../../../spec/smmuv3/ste.ts';
import { vste } from '../../generator/vste.ts';
import { commandTable } from '../commands.ts';
import { countAll, type Family } from './family.ts';

/** Page tables of the kernel's choice, and to nest on. */
const PLAIN = 0;
const PARENT = HWPT_ALLOC.NEST_PARENT;

const ENTRY = {
  abort: vste({ V: 1, Config: SteConfig.Abort }),
  bypass: vste({ V: 1, Config: SteConfig.Bypass }),
  translate: vste({ V: 1, Config: SteConfig.S1Trans }),
} as const;

/** Which page tables are allocated. */
export interface Tables {
  /** Not only such as can be nested on. Those that attaching to an IOAS makes are there in any case. */
  readonly plain: boolean;
  /** What a guest's stream table entries say. */
  readonly entries: readonly (keyof typeof ENTRY)[];
}

/** Every kind that is treated differently. */
export const ALL_TABLES: Tables = { plain: true, entries: ['abort', 'bypass', 'translate'] };

const STE_BYTES = 16;

/** Virtual StreamIDs: two that meet each other, and one that no command can carry. */
const VSIDS = [0n, 1n, 1n << 32n] as const;

/** IOVA spaces, page tables and vIOMMUs, made for every device on everything, and destroyed, used or not. */
export const objects =
  (tables: Tables): Family =>
  ({ bounds, of }) => {
    const FLAGS = tables.plain ? [PLAIN, PARENT] : [PARENT];
    const ENTRIES = tables.entries.map((entry) => ENTRY[entry]);
    const ioasAlloc = commandTable((process, fd) => of(process, 'ioasAlloc', { fd }));
    const paging = commandTable((process, fd, devId, ptId, which) =>
      of(process, 'hwptAlloc', { fd, devId, ptId, flags: FLAGS[which] ?? 0 }),
    );
    const nested = commandTable((process, fd, devId, ptId, which) =>
      of(process, 'hwptAlloc', {
        fd,
        devId,
        ptId,
        dataType: HWPT_DATA.ARM_SMMUV3,
        dataLen: STE_BYTES,
        data: ENTRIES[which] ?? null,
      }),
    );
    const viommuAlloc = commandTable((process, fd, devId, hwptId) =>
      of(process, 'viommuAlloc', { fd, type: VIOMMU_TYPE.ARM_SMMUV3, devId, hwptId }),
    );
    const vdeviceAlloc = commandTable((process, fd, viommuId, devId, which) =>
      of(process, 'vdeviceAlloc', { fd, viommuId, devId, virtId: VSIDS[which] ?? 0n }),
    );
    const destroy = commandTable((process, fd, id) => of(process, 'destroy', { fd, id }));
    return ({ process, world, contexts }, tried) => {
      const hwptsLeft =
        bounds.hwpt - countAll(world, (type) => type === 'hwptPaging' || type === 'hwptNested');
      const ioasesLeft = bounds.ioas - countAll(world, (type) => type === 'ioas');
      const viommusLeft = bounds.viommu - countAll(world, (type) => type === 'viommu');
      const vdevicesLeft = bounds.vdevice - countAll(world, (type) => type === 'vdevice');
      for (const { fd, context, devices, ioases, hwpts, viommus } of contexts) {
        if (ioasesLeft > 0) tried.push(ioasAlloc(process, fd));
        for (const devId of devices) {
          for (const ioas of hwptsLeft > 0 ? ioases : [])
            for (let which = 0; which < FLAGS.length; which++)
              tried.push(paging(process, fd, devId, ioas, which));
          for (const hwpt of viommusLeft > 0 ? hwpts : []) tried.push(viommuAlloc(process, fd, devId, hwpt));
          for (const viommu of viommus) {
            for (let which = 0; hwptsLeft > 0 && which < ENTRIES.length; which++)
              tried.push(nested(process, fd, devId, viommu, which));
            for (let which = 0; vdevicesLeft > 0 && which < VSIDS.length; which++)
              tried.push(vdeviceAlloc(process, fd, viommu, devId, which));
          }
        }
        // Everything there is, in use or not, and tombstones: a late DESTROY must find nothing.
        for (let id = 1; id < context.objects.length; id++)
          if ((context.objects[id] ?? null) !== null) tried.push(destroy(process, fd, id));
      }
    };
  };

/** Attaching every device to everything that it can be attached to, right or wrong, and detaching it. */
export const attachments: Family = ({ of }) => {
  const attach = commandTable((process, fd, ptId) => of(process, 'vfioAttach', { fd, ptId }));
  const detach = commandTable((process, fd) => of(process, 'vfioDetach', { fd }));
  return ({ process, contexts, cdevs }, tried) => {
    for (const { fd, bound } of cdevs) {
      if (bound === null) continue;
      const context = contexts.find((each) => each.ctx === bound.ctx);
      for (const id of context?.ioases ?? []) tried.push(attach(process, fd, id));
      for (const id of context?.hwpts ?? []) tried.push(attach(process, fd, id));
      for (const id of context?.viommus ?? []) tried.push(attach(process, fd, id));
      tried.push(detach(process, fd));
    }
  };
};
