import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { Line } from '../linux/lines.ts';
import { eventsBefore, eventsIn, type ToldEvent, unreadEvent } from './events.ts';
import type { Told } from './translator.ts';

const POLLIN = 1;

/** As many reads ahead are looked at for a loss as a queue that a small reader empties has events. */
const MOST_AHEAD = 4096;

/** A read() of some process, or the end of its descriptor. */
interface Moment {
  readonly line: number;
  /** Null: the descriptor is closed. */
  readonly told: readonly ToldEvent[] | null;
}

/** What the recorded processes read of event queues, known before their calls are followed. */
export class Reads {
  readonly #moments = new Map<string, Moment[]>();

  note(line: Line, number: number): void {
    if (line.pid === undefined || (line.ev !== 'read' && line.ev !== 'close')) return;
    const key = `${line.pid}:${line.fd}`;
    const moments = this.#moments.get(key) ?? [];
    this.#moments.set(key, moments);
    const told = line.ev === 'close' ? null : eventsIn(line.hex ?? '');
    if (told === null || told.length > 0) moments.push({ line: number, told });
  }

  /** What comes from a line on until the descriptor is closed, read by read. */
  from(pid: number, fd: number, line: number): readonly (readonly ToldEvent[])[] {
    const moments = this.#moments.get(`${pid}:${fd}`) ?? [];
    let first = 0;
    for (let end = moments.length; first < end; ) {
      const middle = (first + end) >> 1;
      if ((moments[middle]?.line ?? 0) < line) first = middle + 1;
      else end = middle;
    }
    const found: (readonly ToldEvent[])[] = [];
    for (const { told } of moments.slice(first, first + MOST_AHEAD)) {
      if (told === null) break;
      found.push(told);
    }
    return found;
  }
}

/** The events that came before a line, as far as it tells of them: poll() says that something is there, read() what it is. */
export function eventsOf(
  { line, actor, fd }: Told,
  number: number,
  world: World,
  reads: Reads,
): readonly Command[] {
  if (line.pid === undefined || fd === undefined) return [];
  if (line.ev === 'poll') {
    if ((Number(line.revents) & POLLIN) === 0) return [];
    const [next, ...later] = reads.from(line.pid, fd, number);
    if (next === undefined) return unreadEvent(world, actor, line.fd);
    return eventsBefore(world, actor, line.fd, next, later.flat());
  }
  if (line.ev !== 'read' || line.ret <= 0) return [];
  const [own = [], ...later] = reads.from(line.pid, fd, number);
  return eventsBefore(world, actor, line.fd, own, later.flat());
}
