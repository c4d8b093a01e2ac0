import type { Call } from '../../model/call.ts';
import type { Context } from '../../model/iommufd/context.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Command } from '../../model/world/command.ts';
import { vmmOf } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { HWPT_ALLOC, HWPT_DATA, VIOMMU_TYPE } from '../../spec/iommufd/constants.ts';
import { SteConfig } from '../../spec/smmuv3/ste.ts';
import { vste } from '../generator/vste.ts';
import { type SliceSize, sliceScope } from '../scopes/attach-slice.ts';
import type { Scope } from '../scopes/scope.ts';
import type { Alphabet, Exploration } from './alphabet.ts';
import { commandOf, commandTable } from './commands.ts';

/** Virtual StreamIDs that a device can have. */
const VSIDS = 2;

const STE_BYTES = 16;

/** The guest's stream table entries that nested HWPTs are made from. */
const ENTRIES = [SteConfig.Abort, SteConfig.Bypass, SteConfig.S1Trans].map((Config) =>
  vste({ V: 1, Config }),
);

const ACTOR = vmmOf('vm0');

/** Descriptors and ids that the prelude gives: nothing of it ever goes. */
const FD = 3;
const IOAS = 1;
const fdOf = (device: number): number => FD + 1 + device;
const devIdOf = (device: number): number => IOAS + 1 + device;

const make = (command: Command['command'], args: Call['args']): Command => commandOf(ACTOR, command, args);

const PAGING = commandTable((device) =>
  make('hwptAlloc', { fd: FD, devId: devIdOf(device), ptId: IOAS, flags: HWPT_ALLOC.NEST_PARENT }),
);
const NESTED = commandTable((device, viommu, entry) =>
  make('hwptAlloc', {
    fd: FD,
    devId: devIdOf(device),
    ptId: viommu,
    dataType: HWPT_DATA.ARM_SMMUV3,
    dataLen: STE_BYTES,
    data: ENTRIES[entry] ?? null,
  }),
);
const VIOMMU = commandTable((device, hwptId) =>
  make('viommuAlloc', { fd: FD, type: VIOMMU_TYPE.ARM_SMMUV3, devId: devIdOf(device), hwptId }),
);
const VDEVICE = commandTable((device, viommuId, vsid) =>
  make('vdeviceAlloc', { fd: FD, viommuId, devId: devIdOf(device), virtId: BigInt(vsid) }),
);
const ATTACH = commandTable((device, ptId) => make('vfioAttach', { fd: fdOf(device), ptId }));
const DETACH = commandTable((device) => make('vfioDetach', { fd: fdOf(device) }));
const DESTROY = commandTable((id) => make('destroy', { fd: FD, id }));

/** Where a device is: the HWPT that it is attached to (0: none), and its vDEVICE's vIOMMU. */
interface Place {
  readonly hwpt: number;
  readonly vdevice: number | null;
  readonly viommu: number | null;
}

function placeOf({ objects, groups }: Context, device: number, group: number): Place {
  const object = objects[devIdOf(device)];
  const vdevice = object?.type === 'device' ? object.vdevice : null;
  const of = vdevice === null ? null : objects[vdevice];
  const attach = groups.find((each) => each.group === group)?.attach;
  return { hwpt: attach?.hwpt ?? 0, vdevice, viommu: of?.type === 'vdevice' ? of.viommu : null };
}

function usedVsids({ objects }: Context, viommu: number): number {
  let used = 0;
  for (const slot of objects)
    if (slot?.type === 'vdevice' && slot.viommu === viommu) used |= 1 << Number(slot.virtId);
  return used;
}

/**
 * The commands of the slice, as the design describes it. On the slice's own platform the kernel accepts each: what it
 * would refuse there (and what it would accept but the slice leaves out: taking away the vDEVICE of a device that
 * translates) is not tried. A replace by the HWPT that is there already is, and changes nothing.
 */
function sliceAlphabet({ devices }: Platform, { viommus, hwpts }: SliceSize): Alphabet {
  const count = devices.length;
  return (world: World): readonly Command[] => {
    const context = world.contexts[0];
    const tried: Command[] = [];
    if (context === null || context === undefined) return tried;
    const { objects } = context;
    let hwptsLeft = hwpts;
    let viommusLeft = viommus;
    for (const slot of objects) {
      if (slot?.type === 'hwptPaging' || slot?.type === 'hwptNested') hwptsLeft--;
      if (slot?.type === 'viommu') viommusLeft--;
    }
    const places = devices.map(({ group }, device) => placeOf(context, device, group));
    for (let device = 0; device < count; device++) {
      const smmu = devices[device]?.iommu;
      const place = places[device] as Place;
      if (hwptsLeft > 0) tried.push(PAGING(device));
      for (let id = 0; id < objects.length; id++) {
        const slot = objects[id];
        switch (slot?.type) {
          case 'hwptPaging':
            if (slot.domain.iommu !== smmu) break;
            if (viommusLeft > 0) tried.push(VIOMMU(device, id));
            tried.push(ATTACH(device, id));
            break;
          case 'hwptNested':
            if (slot.domain.iommu !== smmu) break;
            if (slot.domain.config !== 's1Translate' || place.viommu === slot.viommu)
              tried.push(ATTACH(device, id));
            break;
          case 'viommu': {
            if (slot.iommu !== smmu) break;
            if (hwptsLeft > 0)
              for (let entry = 0; entry < ENTRIES.length; entry++) tried.push(NESTED(device, id, entry));
            if (place.vdevice !== null) break;
            const used = usedVsids(context, id);
            for (let vsid = 0; vsid < VSIDS; vsid++)
              if ((used & (1 << vsid)) === 0) tried.push(VDEVICE(device, id, vsid));
            break;
          }
        }
      }
      const on = objects[place.hwpt];
      if (place.hwpt !== 0) tried.push(DETACH(device));
      const translates = on?.type === 'hwptNested' && on.domain.config === 's1Translate';
      if (place.vdevice !== null && !translates) tried.push(DESTROY(place.vdevice));
    }
    for (let id = 0; id < objects.length; id++) {
      const slot = objects[id];
      // What nothing refers to: no attachment, no vIOMMU on it, no nested HWPT and no vDEVICE.
      const mayGo = slot?.type === 'hwptPaging' || slot?.type === 'hwptNested' || slot?.type === 'viommu';
      if (mayGo && slot.users === 1) tried.push(DESTROY(id));
    }
    return tried;
  };
}

/** The attach slice of a size, with every device of the platform bound and one IOAS from the start. */
export function attachSlice(size: SliceSize, scope: Scope = sliceScope(size)): Exploration {
  const { devices: hardware } = scope.platform;
  return {
    scope,
    prelude: [
      make('openIommufd', {}),
      make('ioasAlloc', { fd: FD }),
      ...hardware.map(({ id }) => make('openCdev', { device: id })),
      ...hardware.map((_, device) => make('vfioBind', { fd: fdOf(device), iommufd: FD })),
    ],
    alphabet: sliceAlphabet(scope.platform, size),
    most: { iommufd: 1, ioas: 1, hwpt: size.hwpts, viommu: size.viommus, veventq: 0, fault: 0 },
    within: () => true,
    events: false,
    interchangeable: true,
  };
}
