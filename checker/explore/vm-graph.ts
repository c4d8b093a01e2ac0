import type { PluggedDevice, Vm, Vsmmu } from '../../model/vmm/vm.ts';
import { fileOf } from '../../model/world/files.ts';
import { vmmOf } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { contentOf } from './content.ts';
import { ROLE } from './roles.ts';
import { NODE, type StateGraph } from './state-graph.ts';

/** What draws a world. */
export interface GraphPen {
  readonly graph: StateGraph;
  /** An edge to an object; one that is gone is a fact. */
  refer(from: number, role: number, ctx: number, id: number): void;
}

/**
 * A virtual machine with what its VMM knows. The ids and descriptors that it keeps become edges to what they stand
 * for; which number they are it never looks at.
 */
export function addVm(pen: GraphPen, world: World, vm: Vm, node: number): void {
  const { graph } = pen;
  graph.tell(node, vm.host * 2 + (vm.running ? 1 : 0));
  for (const { number, fd, containers } of vm.iommufds) {
    graph.tell(node, number);
    const ctx = contextOfFd(world, vmmOf(vm.name), fd);
    for (const { ioas, parents } of containers) {
      pen.refer(node, ROLE.IOAS, ctx, ioas);
      for (const parent of parents) pen.refer(node, ROLE.PARENT, ctx, parent);
    }
  }
  if (vm.rmr.length > 0) graph.tellPrint(node, contentOf(vm.rmr));
  graph.tellPrint(node, contentOf(vm.memory));
  for (const vsmmu of vm.vsmmus) {
    const { registers, cr0, gbpa, control, backings, pinned, named, buses } = vsmmu;
    graph.tell(node, cr0);
    graph.tell(node, gbpa);
    if (registers !== null) graph.tellPrint(node, contentOf(registers));
    graph.tellPrint(node, contentOf(control));
    if (pinned !== null) graph.tellPrint(node, contentOf(pinned));
    if (named.length > 0) graph.tellPrint(node, contentOf(named));
    if (buses.length > 0) graph.tellPrint(node, contentOf(buses));
    graph.tell(node, backings.length);
  }
  for (let at = 0; at < vm.vsmmus.length; at++) {
    const vsmmu = vm.vsmmus[at] as Vsmmu;
    const place = graph.node(NODE.VSMMU);
    graph.edge(place, ROLE.RANK + at, node);
    for (const [rank, backing] of vsmmu.backings.entries()) {
      const part = graph.node(NODE.VSMMU);
      const ctx = contextOfFd(world, vmmOf(vm.name), backing.fd);
      graph.edge(part, ROLE.BACKING_RANK + rank, place);
      pen.refer(part, ROLE.PARENT, ctx, backing.parent);
      pen.refer(part, ROLE.VIOMMU, ctx, backing.viommu);
      pen.refer(part, ROLE.BACKING, ctx, backing.abort);
      pen.refer(part, ROLE.BACKING + 64, ctx, backing.bypass);
      if (backing.veventq !== null) pen.refer(part, ROLE.REPORTS, ctx, backing.veventq.id);
    }
    for (let rank = 0; rank < vsmmu.devices.length; rank++)
      drawPlugged(pen, world, vm, vsmmu.devices[rank] as PluggedDevice, rank, place);
  }
}

/** In the order of plugging, in which devices are put back after a reset. */
function drawPlugged(
  pen: GraphPen,
  world: World,
  vm: Vm,
  plugged: PluggedDevice,
  rank: number,
  vsmmu: number,
): void {
  const { graph } = pen;
  const { platform } = world;
  const of = vm.iommufds.find(({ number }) => number === plugged.iommufd);
  const ctx = contextOfFd(world, vmmOf(vm.name), of?.fd ?? -1);
  const node = graph.node(NODE.PLUGGED);
  graph.edge(node, ROLE.PLUG_RANK + rank, vsmmu);
  graph.edge(
    node,
    ROLE.DEVICE,
    platform.devices.findIndex(({ id }) => id === plugged.device),
  );
  graph.tell(node, plugged.vsid);
  graph.tell(node, plugged.iommufd);
  graph.tellPrint(node, contentOf(plugged.held));
  if (plugged.port !== null) graph.tellPrint(node, contentOf([plugged.port]));
  if (plugged.aliases.length > 0) graph.tellPrint(node, contentOf(plugged.aliases));
  if (plugged.parent !== null) pen.refer(node, ROLE.PARENT, ctx, plugged.parent);
  graph.tellPrint(node, contentOf(plugged.iommu));
  if (plugged.vectors.length > 0) graph.tellPrint(node, contentOf(plugged.vectors));
  const { place } = plugged;
  if (place === null) return;
  graph.tell(node, place.kind === 'nested' ? 1 : 2);
  if (place.kind === 'emulated') {
    pen.refer(node, ROLE.IOAS, ctx, place.shadow);
    return;
  }
  pen.refer(node, ROLE.VIOMMU, ctx, place.viommu);
  if (place.vdevice !== null) pen.refer(node, ROLE.VDEVICE, ctx, place.vdevice);
  if (place.hwpt !== null) pen.refer(node, ROLE.ATTACHED, ctx, place.hwpt);
}

function contextOfFd(world: World, actor: string, fd: number): number {
  const of = fileOf({ world }, actor, fd)?.of;
  return of?.kind === 'iommufd' ? of.ctx : -1;
}
