import type { ArgValue, Call } from '../../../model/call.ts';
import type { Container, DmaMapping, LegacyGroup, LegacyMachine } from '../../../model/legacy/machine.ts';
import type { LegacyPlatform } from '../../../model/platform/legacy.ts';
import type { World } from '../../../model/world/world.ts';
import { DMA_MAP, DMA_UNMAP, VFIO_EXTENSION } from '../../../spec/vfio/container.ts';
import { type Draw, oneIn, pick, pickAny, pickEarly } from '../choice.ts';
import { drawPages } from '../values.ts';

const VMM = 'vmm:vm0';
const LARGE_PAGE = 0x1_0000n;
const SMALL_PAGE = 0x1000n;

/** What is kept for MSIs, and behind its end; where the kernel's own domains have doorbells; beyond what IOMMUs can map. */
const FAR: readonly bigint[] = [
  0x800_0000n,
  0x810_0000n,
  0xa00_0000n,
  0xfee0_0000n,
  2n ** 32n - LARGE_PAGE,
  0x80_0000_0000n,
  2n ** 64n - LARGE_PAGE,
];

const { TYPE1, TYPE1V2, TYPE1_NESTING } = VFIO_EXTENSION;

interface View {
  readonly platform: LegacyPlatform;
  readonly machine: LegacyMachine;
  readonly draw: Draw;
}

/** The next step of a process with old containers; `draw` alone decides. */
export function generateLegacyCall({ platform }: World, machine: LegacyMachine, draw: Draw): Call {
  // The world has containers because the platform has.
  const view: View = { platform: platform.legacy as LegacyPlatform, machine, draw };
  if (oneIn(24, draw)) return hostDriver(view);
  return (oneIn(10, draw) ? null : prepare(view)) ?? run(view);
}

function vmm(command: Call['command'], args: Readonly<Record<string, ArgValue>> = {}): Call {
  return { actor: VMM, command, args };
}

/** The next of the things that a device needs before it can do anything; null: one is ready. */
function prepare({ machine, draw }: View): Call | null {
  const { containers, groups } = machine;
  if (containers.every((each) => each?.opened !== true)) return vmm('containerOpen');
  const ready = containers.findIndex((each) => each?.opened === true && each.type !== null);
  if (ready >= 0) return null;
  const filled = containers.findIndex((each) => each?.opened === true && each.groups.length > 0);
  if (filled >= 0) return setIommu(filled, draw);
  const at = containers.findIndex((each) => each?.opened === true);
  const free = [...groups.keys()].filter((group) => groups[group]?.container === null);
  const opened = free.filter((group) => groups[group]?.opened === true);
  if (opened.length > 0) return vmm('groupSetContainer', { group: pick(opened, draw), container: at });
  return free.length === 0 ? null : vmm('groupOpen', { group: pick(free, draw) });
}

function setIommu(container: number, draw: Draw): Call {
  const type = oneIn(8, draw) ? draw(11) : pick([TYPE1, TYPE1V2, TYPE1_NESTING], draw);
  return vmm('containerSetIommu', { container, type });
}

function run(view: View): Call {
  const { machine, draw } = view;
  const group = oneIn(60, draw) ? machine.groups.length : draw(machine.groups.length);
  const container = drawContainer(view);
  switch (draw(28)) {
    case 0:
      return vmm('containerOpen');
    case 1:
      return vmm('containerClose', { container });
    case 2:
      return vmm('containerCheckExtension', {
        container,
        extension: oneIn(3, draw) ? VFIO_EXTENSION.DMA_CC : draw(11),
      });
    case 3:
      return setIommu(container, draw);
    case 4:
    case 5:
      return groupStep(view, group, container);
    case 6:
      return vmm('groupSetContainer', { group, container });
    case 7:
      return vmm(pick(['groupUnsetContainer', 'groupClose'] as const, draw), { group });
    case 8:
    case 9:
      return deviceStep(view, group);
    case 10:
    case 11:
    case 12:
      return map(view, container);
    case 13:
    case 14:
    case 15:
      return unmap(view, container);
    case 16:
      return vmm('containerGetInfo', {
        container,
        ...(oneIn(4, draw) ? { argsz: pick([8, 24, 120], draw) } : {}),
      });
    case 17:
    case 18:
    case 19:
    case 20:
      return setIrqs(view, pickGroupInUse(view));
    case 21:
    case 22:
      return thread(view, pickGroupInUse(view));
    case 23:
    case 24:
      return fire(view);
    default:
      return dma(view, group);
  }
}

/** Mostly one that is ready to be used. */
function drawContainer({ machine, platform, draw }: View): number {
  const ready = [...machine.containers.keys()].filter((at) => machine.containers[at]?.opened === true);
  return ready.length === 0 || oneIn(12, draw) ? draw(platform.containers + 1) : pickEarly(ready, draw);
}

/** A group that is not in a container comes closer to one. */
function groupStep({ machine }: View, group: number, container: number): Call {
  const state = machine.groups[group];
  if (state?.opened !== true) return vmm('groupOpen', { group });
  return vmm('groupSetContainer', { group, container });
}

function deviceStep({ machine, platform, draw }: View, group: number): Call {
  const open = pickAny(machine.groups[group]?.devices ?? [], draw);
  if (open !== undefined && oneIn(2, draw)) return vmm('groupCloseDevice', { group, device: open });
  const names = platform.groups[group]?.devices ?? ['none'];
  if (oneIn(24, draw)) return vmm('groupCloseDevice', { group, device: pick(names, draw) });
  return vmm('groupGetDevice', { group, device: oneIn(12, draw) ? 'none' : pick(names, draw) });
}

function hostDriver({ machine, platform, draw }: View): Call {
  const busy = [...machine.groups.keys()].filter((at) => (machine.groups[at]?.hostDrivers.length ?? 0) > 0);
  const group = busy.length > 0 && oneIn(2, draw) ? pick(busy, draw) : draw(machine.groups.length);
  const bound = pickAny((machine.groups[group] as LegacyGroup).hostDrivers, draw);
  if ((bound !== undefined && oneIn(2, draw)) || oneIn(12, draw)) {
    const device = bound ?? pick(platform.groups[group]?.devices ?? ['none'], draw);
    const count = drawCount(platform.groups[group]?.msiVectors ?? 1, draw);
    return { actor: 'host', command: 'hostDriverSetIrqs', args: { group, device, count } };
  }
  if ((bound !== undefined && !oneIn(4, draw)) || oneIn(12, draw)) {
    const device = bound ?? pick(platform.groups[group]?.devices ?? ['none'], draw);
    return { actor: 'host', command: 'hostDriverUnbind', args: { group, device } };
  }
  const device = oneIn(12, draw) ? 'none' : pick(platform.groups[group]?.devices ?? ['none'], draw);
  return { actor: 'host', command: 'hostDriverBind', args: { group, device } };
}

/** Mostly one with a device open. */
function pickGroupInUse({ machine, draw }: View): number {
  const inUse = [...machine.groups.keys()].filter((at) => (machine.groups[at]?.devices.length ?? 0) > 0);
  return inUse.length === 0 || oneIn(12, draw) ? draw(machine.groups.length) : pick(inUse, draw);
}

/** A device of a group, mostly one that is open. */
function drawDevice({ machine, platform, draw }: View, group: number): string {
  const open = (machine.groups[group] as LegacyGroup).devices;
  if (open.length > 0 && !oneIn(12, draw)) return pick(open, draw);
  return pick(platform.groups[group]?.devices ?? ['none'], draw);
}

function drawCount(most: number, draw: Draw): number {
  return oneIn(10, draw) ? most + 1 : pick([0, 1, most, 1 + draw(most)], draw);
}

function setIrqs(view: View, group: number): Call {
  const { platform, draw } = view;
  const device = drawDevice(view, group);
  const count = drawCount(platform.groups[group]?.msiVectors ?? 1, draw);
  return vmm('groupSetIrqs', { group, device, ...(count === 1 ? {} : { count }) });
}

/** The oldest thread goes on, or another one begins. */
function thread(view: View, group: number): Call {
  const { machine, draw } = view;
  const [oldest] = machine.threads;
  if (oldest !== undefined && oneIn(2, draw))
    return vmm('groupEndSetIrqs', { group: oldest.group, device: oldest.device });
  const device = drawDevice(view, group);
  return vmm(oneIn(8, draw) ? 'groupEndSetIrqs' : 'groupBeginSetIrqs', { group, device });
}

/** A device with a vector on, mostly. */
function fire(view: View): Call {
  const { machine, platform, draw } = view;
  const on = machine.groups.flatMap(({ vectors }) => vectors);
  if (on.length === 0 || oneIn(8, draw)) {
    const names = platform.groups.flatMap(({ devices }) => devices);
    return { actor: `device:${pick(names, draw)}`, command: 'fireMsi', args: {} };
  }
  const { device, messages } = pick(on, draw);
  return { actor: `device:${device}`, command: 'fireMsi', args: { vector: draw(messages.length) } };
}

/** Few addresses, so that mappings meet; now and then one that is not to be mapped, or at the end of everything. */
function drawIova({ draw }: View): bigint {
  if (oneIn(10, draw)) return pick(FAR, draw);
  const small = oneIn(4, draw) ? SMALL_PAGE * BigInt(1 + draw(15)) : 0n;
  return LARGE_PAGE * BigInt(1 + draw(3)) + small + (oneIn(24, draw) ? 8n : 0n);
}

function drawSize({ draw }: View): bigint {
  if (oneIn(16, draw)) return pick([0n, 8n, 2n ** 64n - LARGE_PAGE], draw);
  if (oneIn(6, draw)) return SMALL_PAGE * drawPages(6, draw);
  return oneIn(3, draw) ? SMALL_PAGE * BigInt(1 + draw(2)) : LARGE_PAGE * BigInt(1 + draw(2));
}

/** The mappings of a container. */
function mappingsOf({ machine }: View, container: number): readonly DmaMapping[] {
  return (machine.containers[container] as Container | null | undefined)?.mappings ?? [];
}

/** Another address for a mapping, mostly one that has lost its own; now and then of a part, or with what may not be said with it. */
function remap(view: View, container: number, { iova, size }: DmaMapping): Call {
  const { draw, platform } = view;
  return vmm('containerMapDma', {
    container,
    flags: DMA_MAP.VADDR | (oneIn(10, draw) ? DMA_MAP.READ : 0),
    vaddr: platform.memory.start + LARGE_PAGE * BigInt(draw(3)),
    iova,
    length: oneIn(10, draw) ? SMALL_PAGE : size,
  });
}

function map(view: View, container: number): Call {
  const { draw, platform } = view;
  const { start, last } = platform.memory;
  const known = mappingsOf(view, container);
  const lost = pickAny(
    known.filter((each) => each.lost === true),
    draw,
  );
  if (lost !== undefined && oneIn(2, draw)) return remap(view, container, lost);
  const kept = oneIn(16, draw) ? pickAny(known, draw) : undefined;
  if (kept !== undefined) return remap(view, container, kept);
  const both = DMA_MAP.READ | DMA_MAP.WRITE;
  return vmm('containerMapDma', {
    container,
    ...(oneIn(24, draw) ? { argsz: 24 } : {}),
    flags: oneIn(4, draw) ? draw(5) : both,
    vaddr: oneIn(24, draw) ? last + 1n : start + LARGE_PAGE * BigInt(draw(3)),
    iova: drawIova(view),
    length: drawSize(view),
  });
}

/** What is mapped, or whatever is around it; at times only the address behind it goes, and the mapping stays. */
function unmap(view: View, container: number): Call {
  const { draw } = view;
  const known = pickAny(mappingsOf(view, container), draw);
  const address = oneIn(4, draw) ? DMA_UNMAP.VADDR : 0;
  const args = {
    ...(oneIn(24, draw) ? { argsz: 16 } : {}),
    ...(address === 0 ? {} : { flags: address }),
  };
  if (oneIn(10, draw)) {
    const range = oneIn(4, draw) ? { length: LARGE_PAGE } : {};
    const flags = pick([DMA_UNMAP.ALL, 1], draw) | address;
    return vmm('containerUnmapDma', { container, ...args, flags, ...range });
  }
  if (known === undefined || oneIn(3, draw))
    return vmm('containerUnmapDma', { container, ...args, iova: drawIova(view), length: drawSize(view) });
  return vmm('containerUnmapDma', { container, ...args, iova: known.iova, length: known.size });
}

function dma(view: View, group: number): Call {
  const { draw, platform } = view;
  const device = pick(platform.groups[group]?.devices ?? ['none'], draw);
  return {
    actor: `device:${device}`,
    command: 'legacyDma',
    args: { group, iova: drawIova(view), write: oneIn(2, draw) },
  };
}
