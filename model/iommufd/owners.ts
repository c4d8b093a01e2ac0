import { putContext, putProcess, type Tx } from '../world/tx.ts';
import type { Context } from './context.ts';
import { withIopt } from './copy.ts';
import { type Area, withAreas } from './iopt/table.ts';

/** User memory in an area is pinned from the process that mapped it (struct iopt_pages: source_mm), as long as that is there. */
function eachArea(tx: Tx, change: (area: Area, ctx: number) => Area): void {
  tx.world.contexts.forEach((context, ctx) => {
    if (context === null) return;
    const objects = context.objects.map((object) => {
      if (object?.type !== 'ioas') return object;
      const areas = object.iopt.areas.map((area) => change(area, ctx));
      const same = areas.every((area, at) => area === object.iopt.areas[at]);
      return same ? object : withIopt(object, withAreas(object.iopt, areas));
    });
    const same = objects.every((object, at) => object === context.objects[at]);
    if (!same) putContext(tx, ctx, { ...context, objects } satisfies Context);
  });
}

/** The first descriptor goes to another process: until then, what a context maps is of the one process that has it open. */
export function noteOwners(tx: Tx): void {
  const owners = new Map<number, string>();
  for (const [actor, { fds }] of Object.entries(tx.world.processes)) {
    for (const index of fds) {
      const of = index === null ? undefined : tx.world.files[index]?.of;
      if (of?.kind === 'iommufd') owners.set(of.ctx, actor);
    }
  }
  eachArea(tx, (area, ctx) => {
    const mm = owners.get(ctx);
    const isMemory = area.file === undefined && area.dmabuf === undefined && area.doorbell === undefined;
    return mm === undefined || !isMemory || area.mm !== undefined ? area : { ...area, mm };
  });
}

/** A process ends, or becomes another program: its memory goes. What was pinned of it stays, and no more can be. */
export function leaveMemory(tx: Tx, actor: string): void {
  eachArea(tx, (area) => (area.mm === actor ? { ...area, mm: null } : area));
  const process = tx.world.processes[actor];
  if (process?.memory !== undefined) putProcess(tx, actor, { ...process, memory: [] });
}
