import type { Bindings } from '../../model/call.ts';
import type { Slot } from '../../model/iommufd/context.ts';
import type { IommufdObject, ObjectOf, ObjectType } from '../../model/iommufd/objects.ts';
import type { DeviceHardware } from '../../model/platform/platform.ts';
import { type Process, vmmOf } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import type { Scope } from '../scopes/scope.ts';
import { type Cdev, type Descriptors, descriptorsOf, type Ids, idsOf } from '../sight.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import { indexNames, type Name, type NameIndex } from './names.ts';

/** How a call refers to something: by its name, or by number where nothing named it. */
export type Handle = string | number;

/** What one process sees of the world: what a sensible next call can be about. */
export interface View extends Descriptors {
  readonly world: World;
  readonly bindings: Bindings;
  readonly names: NameIndex;
  readonly actor: string;
  readonly process: Process;
  /** What the process's names begin with: '' where there is only one virtual machine. */
  readonly vm: string;
  /** The context that ioctls of /dev/iommu are about this time; null where none is open. */
  readonly here: Objects | null;
}

/** The objects of a context, by kind. */
export interface Objects extends Ids {
  readonly ctx: number;
  /** A descriptor of the context's file; null where it is closed. */
  readonly fd: number | null;
  /** What the names of its objects begin with. */
  readonly prefix: string;
  readonly table: readonly Slot[];
}

/** Which virtual machine goes on: all alike once a guest's tables are in use, else mostly the first. */
function drawMachine({ machine, groups, contexts }: World, count: number, draw: Draw): number {
  const drawn = draw(count);
  const isNested =
    machine !== null &&
    groups.some((group) => {
      if (group?.domain.kind !== 'hwpt') return false;
      return contexts[group.domain.ctx]?.objects[group.domain.hwpt]?.type === 'hwptNested';
    });
  return isNested ? drawn : Math.min(drawn, draw(count));
}

/** Looks at the world as one of its VMM processes does. */
export function viewOf(scope: Scope, world: World, bindings: Bindings, draw: Draw): View {
  const { vms } = scope.platform;
  // Most of a run goes into the first, or no machine would come far while they compete.
  const vm = vms[vms.length === 1 ? 0 : drawMachine(world, vms.length, draw)] as string;
  const actor = vmmOf(vm);
  const process = world.processes[actor] as Process;
  const descriptors = descriptorsOf(world, actor);
  const view = {
    world,
    bindings,
    names: indexNames(bindings),
    actor,
    process,
    vm: vms.length === 1 ? '' : `${vm}.`,
    ...descriptors,
    here: null as Objects | null,
  };
  // A second context is worth having, but most of a run should go into the first.
  const { iommufds } = descriptors;
  const chosen = iommufds.length > 1 && oneIn(3, draw) ? pick(iommufds, draw) : iommufds[0];
  if (chosen !== undefined) view.here = objectsOf(view, chosen.ctx);
  return view;
}

/** The objects of one of the process's contexts. */
export function objectsOf(view: View, ctx: number): Objects {
  if (view.here?.ctx === ctx) return view.here;
  const table = view.world.contexts[ctx]?.objects ?? [];
  const fd = view.iommufds.find((file) => file.ctx === ctx)?.fd ?? null;
  return { ctx, fd, prefix: prefixOf(view, ctx, fd), table, ...idsOf(table) };
}

/** What names of a context's objects begin with: its iommufd's name says so, or those of devices bound to it. */
function prefixOf(view: View, ctx: number, fd: number | null): string {
  if (fd !== null) {
    const name = view.names.fds.get(view.vm)?.[fd];
    return name === undefined || name.number === 0 ? view.vm : `${view.vm}iommufd${name.number}.`;
  }
  const cdev = view.bound.find((each) => each.bound.ctx === ctx);
  if (cdev === undefined) return view.vm;
  // Names of DEVICE objects tell the device, and the newest one of a bound device is its binding.
  const { all } = view.names;
  const devices = view.world.devices.length + (view.world.platform.mediated?.length ?? 0);
  for (let at = all.length - 1; at >= 0; at--) {
    const name = all[at] as Name;
    if (name.kind === 'device' && name.vm === view.vm && name.number % devices === cdev.device)
      return name.prefix;
  }
  return view.vm;
}

const KIND: { readonly [T in ObjectType]: string } = {
  ioas: 'ioas',
  hwptPaging: 'hwpt',
  hwptNested: 'hwpt',
  device: 'device',
  viommu: 'viommu',
  vdevice: 'vdevice',
  veventq: 'veventq',
  fault: 'fault',
  access: 'device',
  selftest: 'device',
  hwQueue: 'veventq',
};

/** How to refer to an object of a context. */
export function objectHandle(view: View, objects: Objects, id: number): Handle {
  const name = view.names.objects.get(objects.prefix)?.[id];
  const slot = objects.table[id];
  if (name === undefined || slot === null || slot === undefined || slot.type === 'tombstone') return id;
  return KIND[slot.type] === name.kind ? name.text : id;
}

/** How to refer to a descriptor of the process. */
export function fdHandle(view: View, fd: number): Handle {
  return view.names.fds.get(view.vm)?.[fd]?.text ?? fd;
}

/** An object that a list of the view vouches for. */
export function objectAt<T extends ObjectType>(objects: Objects, id: number, type: T): ObjectOf<T> {
  const slot = objects.table[id] as IommufdObject;
  if (slot.type !== type) throw new Error(`object ${id} is no ${type}`);
  return slot as ObjectOf<T>;
}

/** The object that another refers to; null where the reference leads nowhere, as defects can make it. */
export function objectIf<T extends ObjectType>(objects: Objects, id: number, type: T): ObjectOf<T> | null {
  const slot = objects.table[id];
  return slot?.type === type ? (slot as ObjectOf<T>) : null;
}

/** The hardware behind a device file. */
export function hardwareOf(view: View, { device }: Cdev): DeviceHardware {
  return view.world.platform.devices[device] as DeviceHardware;
}

/** The pSMMU in front of a device, by its DEVICE id. */
export function smmuOf(view: View, objects: Objects, devId: number): number {
  const { device } = objectAt(objects, devId, 'device');
  return (view.world.platform.devices[device] as DeviceHardware).iommu;
}
