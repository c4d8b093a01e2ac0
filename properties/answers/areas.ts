import type { Area } from '../../model/iommufd/iopt/table.ts';
import { hex, objectIn, objectOf } from '../look.ts';
import type { Transition, Violation } from '../property.ts';

/** What an IOAS is to map behind a call: of each area its ends, the address behind it, and what it allows. */
export type Mapping = Pick<Area, 'start' | 'last' | 'va' | 'readable' | 'writeable' | 'pagesWriteable'>;

/** Where an IOAS is. */
export interface Place {
  readonly ctx: number;
  readonly id: number;
}

/** What an IOAS of the world behind a step maps otherwise than it should; null: nothing. */
export function wrongAreas(
  { world, command }: Transition,
  { ctx, id }: Place,
  expected: readonly Mapping[],
): Violation {
  const areas = objectIn(world, ctx, id, 'ioas')?.iopt.areas ?? [];
  const sorted = expected.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  for (let at = 0; at < Math.max(areas.length, sorted.length); at++) {
    const is = areas[at];
    const should = sorted[at];
    if (is !== undefined && should !== undefined && isSame(is, should)) continue;
    return `after ${command.command}, IOAS ${id} maps ${described(is)} where ${described(should)} is to be`;
  }
  return null;
}

/** An IOAS that a call has nothing to do with, and that maps something else after it; null: there is none. */
export function wrongElsewhere(
  { before, world, command }: Transition,
  meant: ReadonlySet<number>,
): Violation {
  for (const [ctx, context] of before.contexts.entries()) {
    const now = world.contexts[ctx] ?? null;
    if (context === null || now === null || context.objects === now.objects) continue;
    for (const [id, slot] of context.objects.entries()) {
      const is = objectOf(now, id, 'ioas');
      if (slot?.type !== 'ioas' || is === null || meant.has(id)) continue;
      const { areas } = slot.iopt;
      const after = is.iopt.areas;
      if (areas === after) continue;
      if (areas.length !== after.length || areas.some((area, at) => !isSame(area, after[at] as Mapping)))
        return `${command.command} changes what IOAS ${id} maps, which it does not name`;
    }
  }
  return null;
}

function isSame(a: Mapping, b: Mapping): boolean {
  return (
    a.start === b.start &&
    a.last === b.last &&
    a.va === b.va &&
    a.readable === b.readable &&
    a.writeable === b.writeable &&
    a.pagesWriteable === b.pagesWriteable
  );
}

function described(mapping: Mapping | undefined): string {
  if (mapping === undefined) return 'nothing';
  const { start, last, va, readable, writeable } = mapping;
  const allowed = `${readable ? 'r' : '-'}${writeable ? 'w' : '-'}`;
  return `${hex(start)}..${hex(last)} (${allowed}, of ${hex(va)})`;
}
