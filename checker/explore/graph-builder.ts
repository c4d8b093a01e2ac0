import type { GroupState } from '../../model/host/device.ts';
import type { Context } from '../../model/iommufd/context.ts';
import type { IommufdObject } from '../../model/iommufd/objects.ts';
import { FACTS } from '../../model/machines.ts';
import type { CallInFlight } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';
import { contentOf, ofBigint } from './content.ts';
import { drawOwn } from './object-graph.ts';
import { ROLE } from './roles.ts';
import { NODE, type NodeClass, type StateGraph } from './state-graph.ts';
import { addVm, type GraphPen } from './vm-graph.ts';

/** Names of objects by where they are, where they are told apart: by context, then by id; [ctx][0] is the context's. */
export type Slots = readonly (readonly number[])[];

const CLASS_OF: { readonly [T in IommufdObject['type']]: NodeClass } = {
  ioas: NODE.IOAS,
  hwptPaging: NODE.HWPT,
  hwptNested: NODE.HWPT,
  device: NODE.DEVICE,
  viommu: NODE.VIOMMU,
  vdevice: NODE.VDEVICE,
  veventq: NODE.VEVENTQ,
  fault: NODE.FAULT,
  access: NODE.DEVICE,
  selftest: NODE.DEVICE,
  hwQueue: NODE.VEVENTQ,
};

/**
 * Draws worlds of the user API: every part of them that a later answer can depend on, and nothing else. What is left
 * out, or put differently, says why at its line.
 */
export class GraphBuilder implements GraphPen {
  readonly graph: StateGraph;
  readonly #events: boolean;
  /** Nodes by context and id, of files, and of contexts. */
  readonly #objects: number[][] = [];
  readonly #files: number[] = [];
  readonly #contexts: number[] = [];
  #firstSmmu = 0;
  /** Whether ids are facts: what the hardware has written down speaks of them. */
  #exact = false;

  /** `events`: whether the pSMMU records events in this exploration. */
  constructor(graph: StateGraph, events: boolean) {
    this.graph = graph;
    this.#events = events;
  }

  draw(world: World, slots: Slots | null): void {
    const graph = this.graph;
    graph.clear();
    const { devices, iommus, groups } = world;
    for (let at = 0; at < devices.length; at++) graph.node(NODE.DEVICE);
    // Machines of their own are told of the first node: there has to be one.
    if (devices.length === 0) graph.node(NODE.DEVICE);
    for (let at = 0; at < iommus.length; at++) graph.node(NODE.SMMU);
    for (let at = 0; at < groups.length; at++) graph.node(NODE.GROUP);
    for (const _ in world.processes) graph.node(NODE.PROCESS);
    const firstVm = graph.nodes;
    for (let at = 0; at < world.vms.length; at++) graph.node(NODE.VM);
    graph.fixed = graph.nodes;
    this.#exact = world.machine !== null || world.vtd !== null;
    this.#firstSmmu = Math.max(devices.length, 1);
    this.#placeObjects(world, slots);
    this.#drawFiles(world);
    for (let ctx = 0; ctx < world.contexts.length; ctx++) {
      const context = world.contexts[ctx];
      if (context !== null && context !== undefined) this.#drawContext(world, context, ctx);
    }
    for (let at = 0; at < devices.length; at++) this.#drawDevice(world, at);
    const firstSmmu = this.#firstSmmu;
    for (let at = 0; at < iommus.length; at++) {
      // VMIDs are taken lowest first and only compared: how many are in use is all that counts, and which object has
      // a tag of another is told there.
      graph.tell(firstSmmu + at, iommus[at]?.vmids.length ?? 0);
      const probed = iommus[at]?.probed;
      if (probed !== undefined) graph.tellPrint(firstSmmu + at, contentOf(probed));
    }
    const firstGroup = firstSmmu + iommus.length;
    for (let at = 0; at < groups.length; at++) {
      const group = groups[at];
      if (group !== null && group !== undefined) this.#drawGroup(firstGroup + at, group);
    }
    for (let at = 0; at < world.vms.length; at++) {
      const vm = world.vms[at];
      if (vm !== undefined) addVm(this, world, vm, firstVm + at);
    }
    for (const name of FACTS) {
      const fact = world[name];
      if (fact !== null) graph.tellPrint(0, contentOf(fact));
    }
    // And so is what they speak of.
    if (world.machine !== null) graph.tellPrint(0, contentOf(iommus));
  }

  #nodeOf(ctx: number, id: number): number {
    return this.#objects[ctx]?.[id] ?? -1;
  }

  /** An edge to an object; one that is gone is a fact: ids that never come alive again are all alike. */
  refer(from: number, role: number, ctx: number, id: number): void {
    const to = this.#nodeOf(ctx, id);
    if (to < 0) this.graph.tell(from, ~role);
    else this.graph.edge(from, role, to);
  }

  /** Gives every context and object a node first, so that edges can go both ways. */
  #placeObjects({ contexts, devices }: World, slots: Slots | null): void {
    const graph = this.graph;
    for (let ctx = 0; ctx < contexts.length; ctx++) {
      let nodes = this.#objects[ctx];
      if (nodes === undefined) {
        nodes = [];
        this.#objects[ctx] = nodes;
      }
      const context = contexts[ctx];
      this.#contexts[ctx] = -1;
      const ids = context?.objects.length ?? 0;
      for (let id = nodes.length; id > ids; id--) nodes[id - 1] = -1;
      if (context === null || context === undefined) continue;
      const names = slots?.[ctx];
      const own = graph.node(NODE.CONTEXT);
      this.#contexts[ctx] = own;
      if (names !== undefined) graph.slot[own] = names[0] ?? -1;
      for (let id = 0; id < ids; id++) {
        const slot = context.objects[id];
        if (slot === null || slot === undefined || slot.type === 'tombstone') {
          nodes[id] = -1;
        } else if (slot.type === 'device') {
          // A device can be bound once at a time (DeviceState.opened), so its object is drawn as part of it.
          nodes[id] = slot.device < devices.length ? slot.device : -1;
        } else {
          const node = graph.node(CLASS_OF[slot.type]);
          nodes[id] = node;
          if (names !== undefined) graph.slot[node] = names[id] ?? -1;
        }
      }
    }
    for (let ctx = contexts.length; ctx < this.#objects.length; ctx++) this.#objects[ctx] = [];
  }

  /**
   * Descriptors are only looked up, never compared, so which number a file has makes no difference. A file that is
   * held once is drawn as part of what it stands for.
   */
  #drawFiles(world: World): void {
    const { files } = world;
    let process = this.#firstSmmu + world.iommus.length + world.groups.length;
    for (let at = 0; at < files.length; at++) this.#files[at] = this.#drawFile(world, at);
    for (const actor in world.processes) {
      const held = world.processes[actor];
      if (held === undefined) continue;
      for (const index of held.fds) if (index !== null) this.#hold(index, process, ROLE.HOLDS);
      for (const { va, file } of held.mappings) {
        // Where a BAR is mapped is a name: munmap looks for it. Only that two share a place makes a difference.
        const shared = held.mappings.some((other) => other.va === va && other.file !== file);
        this.#hold(file, process, shared ? ofBigint(va).lo : ROLE.MAPS);
      }
      for (let at = 0; at < held.calls.length; at++)
        this.#drawCall(held.calls[at] as CallInFlight, at, process);
      if (held.itsMappings.length > 0) this.graph.tellPrint(process, contentOf(held.itsMappings));
      if (held.memory !== undefined) this.graph.tellPrint(process, contentOf(held.memory));
      if (held.given === true) this.graph.tell(process, GIVEN);
      process++;
    }
  }

  #drawFile(world: World, at: number): number {
    const graph = this.graph;
    const file = world.files[at];
    if (file === null || file === undefined) return -1;
    const { of } = file;
    let home = -1;
    switch (of.kind) {
      case 'iommufd':
        home = this.#contexts[of.ctx] ?? -1;
        break;
      case 'cdev':
        if (of.bound !== null) home = this.#nodeOf(of.bound.ctx, of.bound.devId);
        break;
      case 'veventq':
      case 'fault':
      case 'mockAccess':
        home = this.#nodeOf(of.ctx, of.id);
        break;
    }
    if (home >= 0 && file.refs === 1 && file.mapped !== true) return home;
    const node = graph.node(NODE.FILE);
    // Mappings tell which file they are of by its place in the list.
    if (file.mapped === true) graph.tell(node, -1 - at);
    graph.tell(node, FILE_KIND[of.kind]);
    graph.tell(node, file.refs);
    if (home >= 0) graph.edge(node, ROLE.OF, home);
    if (of.kind === 'cdev') graph.edge(node, ROLE.DEVICE, of.device);
    // What an iommufd's own files stand for is drawn, or gone: then no number counts.
    if (of.kind === 'mdev' || of.kind === 'dmabuf' || of.kind === 'memory' || of.kind === 'group')
      graph.tellPrint(node, contentOf(of));
    return node;
  }

  /** A call in flight, and its place among those of its process: the oldest returns first. */
  #drawCall({ file, ctx, what }: CallInFlight, rank: number, process: number): void {
    const graph = this.graph;
    const node = graph.node(NODE.CALL);
    graph.edge(node, ROLE.CALL_RANK + rank, process);
    this.#hold(file, node, ROLE.HELD);
    if (what.call === 'destroy') {
      graph.tell(node, what.holds ? 1 : 2);
      this.refer(node, ROLE.CALL, ctx, what.id);
      // Another object can have the id by the time it returns: then the number counts.
      if (this.#nodeOf(ctx, what.id) < 0) graph.tell(node, what.id);
      return;
    }
    if (what.call === 'mdevAttach') {
      this.refer(node, ROLE.CALL, ctx, what.id);
      return;
    }
    if (what.call === 'mapFile') {
      graph.tellPrint(node, contentOf([what.iova, what.errno]));
      this.refer(node, ROLE.CALL, ctx, what.ioas);
      return;
    }
    if (what.call === 'attach') {
      graph.tell(node, what.made === null ? 4 : 5);
      this.refer(node, ROLE.CALL, ctx, what.pt);
      if (what.made !== null) this.refer(node, ROLE.ATTACH, ctx, what.made);
      for (const id of [what.pt, what.made])
        if (id !== null && this.#nodeOf(ctx, id) < 0) graph.tell(node, id);
      return;
    }
    graph.tell(node, 3);
    graph.tellPrint(node, ofBigint(what.virtId));
    this.refer(node, ROLE.VIOMMU, ctx, what.viommuId);
    this.refer(node, ROLE.DEVICE, ctx, what.devId);
  }

  #hold(file: number, process: number, role: number): void {
    const node = this.#files[file] ?? -1;
    if (node >= 0) this.graph.edge(node, role, process);
  }

  #drawContext(world: World, context: Context, ctx: number): void {
    const graph = this.graph;
    const own = this.#contexts[ctx] as number;
    const { objects, groups } = context;
    let buried = 0;
    for (let id = 0; id < objects.length; id++) {
      const slot = objects[id];
      if (slot === null || slot === undefined) continue;
      if (slot.type === 'tombstone') buried = 1;
      else this.#drawObject(slot, context, ctx, id, own);
    }
    graph.tell(own, context.refs);
    // A tombstone only keeps an id from use. How many there are is unbounded and makes no difference to any answer;
    // that there are some is kept, for the properties that speak of them.
    graph.tell(own, (buried << 1) | (context.chargeProcess ? 1 : 0));
    if (context.msiMaps.length > 0) graph.tellPrint(own, contentOf(context.msiMaps));
    for (const { devId, map } of context.msiThreads) {
      this.refer(own, ROLE.THREAD, ctx, devId);
      const device = this.#nodeOf(ctx, devId);
      if (device >= 0) graph.tellPrint(device, contentOf(map));
    }
    if (context.compatIoas !== null) this.refer(own, ROLE.COMPAT, ctx, context.compatIoas);
    const firstGroup = this.#firstSmmu + world.iommus.length;
    for (const igroup of groups) {
      const node = firstGroup + igroup.group;
      graph.edge(node, ROLE.MEMBER, own);
      for (const devId of igroup.devices) this.refer(node, ROLE.BOUND, ctx, devId);
      if (igroup.requiredMsi.length > 0) graph.tellPrint(node, contentOf(igroup.requiredMsi));
      const { attach } = igroup;
      for (const { pasid, hwpt, devices } of igroup.pasids) {
        this.refer(node, ROLE.PASID + pasid, ctx, hwpt);
        for (const devId of devices) this.refer(node, ROLE.PASID_OF + pasid, ctx, devId);
      }
      if (attach === null) continue;
      // The start of the MSI window is one constant of the driver, noted by the first attachment and read only under
      // one: without an attachment it makes no difference whether it was noted before.
      graph.tell(node, igroup.swMsiStart === null ? 0 : 1);
      this.refer(node, ROLE.ATTACH, ctx, attach.hwpt);
      for (const devId of attach.devices) this.refer(node, ROLE.ATTACHED, ctx, devId);
    }
  }

  #drawObject(object: IommufdObject, context: Context, ctx: number, id: number, own: number): void {
    const graph = this.graph;
    const node = this.#nodeOf(ctx, id);
    graph.tell(node, object.users);
    if (this.#exact) graph.tell(node, id);
    graph.edge(node, ROLE.IN, own);
    drawOwn(this, object, { node, ctx, context, firstIommu: this.#firstSmmu });
  }

  #drawDevice(world: World, at: number): void {
    const graph = this.graph;
    const device = world.devices[at];
    if (device === undefined) return;
    const { vmaster } = device;
    graph.tell(at, (device.messages.length << 1) | (device.opened ? 1 : 0));
    if (device.resetting) graph.tell(at, RESETTING);
    if (device.asleep === true) graph.tell(at, ASLEEP);
    if (device.lines !== undefined) graph.tellPrint(at, contentOf(device.lines));
    if (device.lostEvents !== undefined) graph.tellPrint(at, contentOf([device.lostEvents]));
    const owner = world.groups[world.platform.devices[at]?.group ?? -1]?.owner ?? -1;
    for (const message of device.messages) {
      if (message === null) graph.tell(at, 1);
      else graph.tellPrint(at, contentOf([message.address, message.data, message.place]));
      if (message?.madeFor != null) this.refer(at, ROLE.MADE_FOR, owner, message.madeFor);
    }
    if (device.told !== null) graph.tellPrint(at, contentOf(device.told));
    const { pageRequests } = world;
    if (pageRequests !== null) {
      const { partial, awaited, off } = pageRequests;
      graph.tellPrint(at, contentOf([partial[at] ?? [], awaited[at] ?? [], off.includes(at) ? [1] : []]));
    }
    for (const { pasid, ctx, hwpt } of device.pasidTable) this.refer(at, ROLE.PASID + pasid, ctx, hwpt);
    if (device.pasids.length > 0) graph.tellPrint(at, contentOf(device.pasids));
    if (vmaster === null) return;
    // What the device's driver reports events under is captured by an attachment, overwritten by the next, and read
    // only where an event is reported, or where the device translates. Without events it is drawn only there.
    if (!this.#events && !this.#translates(world, at)) return;
    graph.tellPrint(at, ofBigint(vmaster.vsid));
    this.refer(at, ROLE.REPORTS, vmaster.ctx, vmaster.viommu);
  }

  #translates({ platform, groups, contexts }: World, device: number): boolean {
    const domain = groups[platform.devices[device]?.group ?? -1]?.domain;
    if (domain?.kind !== 'hwpt') return false;
    const hwpt = contexts[domain.ctx]?.objects[domain.hwpt];
    return hwpt?.type === 'hwptNested' && hwpt.domain.config === 's1Translate';
  }

  #drawGroup(node: number, { owner, owners, domain, pasids }: GroupState): void {
    const graph = this.graph;
    graph.tell(node, owners * 4 + DOMAIN[domain.kind]);
    if (owner !== null) graph.edge(node, ROLE.OWNER, this.#contexts[owner] ?? node);
    if (domain.kind === 'hwpt') this.refer(node, ROLE.DOMAIN, domain.ctx, domain.hwpt);
    for (const { pasid, ctx, hwpt } of pasids) this.refer(node, ROLE.PASID_DOMAIN + pasid, ctx, hwpt);
  }
}

const DOMAIN = { default: 0, blocked: 1, hwpt: 2 } as const;

/** No number of messages. */
const RESETTING = -1;
const ASLEEP = -2;

/** No count of descriptors. */
const GIVEN = -1;

const FILE_KIND = {
  iommufd: 1,
  cdev: 2,
  veventq: 3,
  fault: 4,
  other: 5,
  mdev: 6,
  dmabuf: 7,
  memory: 8,
  plain: 9,
  standard: 10,
  mockAccess: 11,
  group: 12,
} as const;
