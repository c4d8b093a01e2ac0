import type { Slot } from '../../model/iommufd/context.ts';
import type { ObjectOf } from '../../model/iommufd/objects.ts';
import type { Command } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { VEVENTQ_FLAG_LOST_EVENTS } from '../../spec/iommufd/constants.ts';
import { bytesOfHex, wordsOfBytes } from '../hex.ts';

/** struct iommufd_vevent_header, and the record of an SMMUv3 behind it: one word, and four. */
const RECORD_WORDS = 5;

type Objects = readonly Slot[];

const SID_SHIFT = 32n;
const LOW_HALF = 0xffff_ffffn;

/** What a read() gave of a queue. */
export interface ToldEvent {
  readonly sequence: number;
  /** Null: the header that stands for lost events. */
  readonly words: readonly bigint[] | null;
}

export function eventsIn(hex: string): readonly ToldEvent[] {
  const words = wordsOfBytes(bytesOfHex(hex));
  const told: ToldEvent[] = [];
  for (let at = 0; at < words.length; ) {
    const header = words[at] ?? 0n;
    const isLoss = (header & BigInt(VEVENTQ_FLAG_LOST_EVENTS)) !== 0n;
    told.push({
      sequence: Number(header >> SID_SHIFT),
      words: isLoss ? null : words.slice(at + 1, at + RECORD_WORDS),
    });
    at += isLoss ? 1 : RECORD_WORDS;
  }
  return told;
}

/** The queue that a descriptor is of, and its context. */
function queueOf(
  world: World,
  actor: string,
  fd: number,
): { objects: Objects; queue: ObjectOf<'veventq'> } | null {
  const of = fileOf({ world }, actor, fd)?.of;
  const context = of?.kind === 'veventq' ? (world.contexts[of.ctx] ?? null) : null;
  const queue = of?.kind === 'veventq' ? context?.objects[of.id] : null;
  return context === null || queue?.type !== 'veventq' ? null : { objects: context.objects, queue };
}

/**
 * What the hardware must have done that a reader finds this: events are in no recording of calls, and no call of the VMM's makes
 * them. Behind `told` come those that were to be read later (`later`): where some were lost, they had filled the queue.
 */
export function eventsBefore(
  world: World,
  actor: string,
  fd: number,
  told: readonly ToldEvent[],
  later: readonly ToldEvent[],
): readonly Command[] {
  const found = queueOf(world, actor, fd);
  if (found === null) return [];
  const { objects, queue } = found;
  const all = [...told, ...later];
  const loss = all.findIndex(({ words }) => words === null);
  const here = loss >= 0 && loss <= queue.depth ? all.slice(0, loss + 1) : told;
  const commands: Command[] = [];
  let { sequence } = queue;
  let last: Command | null = null;
  for (const event of [...here, ...told.slice(here.length)]) {
    if (event.sequence < sequence) continue;
    const command: Command | null = event.words === null ? last : eventOf(world, objects, queue, event.words);
    if (command === null) return commands;
    last = command;
    commands.push(command);
    sequence++;
    // Any event of the stream will do in the place of one that nobody saw.
    for (; event.words === null && sequence <= event.sequence; sequence++) commands.push(command);
  }
  return commands;
}

/** An event that a poll() told of and that nobody reads: what it is, nobody knows. */
export function unreadEvent(world: World, actor: string, fd: number): readonly Command[] {
  const found = queueOf(world, actor, fd);
  if (found === null || found.queue.events.length > 0) return [];
  const { objects, queue } = found;
  for (const slot of objects) {
    if (slot?.type !== 'vdevice' || slot.viommu !== queue.viommu) continue;
    const event = eventOf(world, objects, queue, [SOME_EVENT | (slot.virtId << SID_SHIFT), 0n, 0n, 0n]);
    if (event !== null) return [event];
  }
  return [];
}

/** F_TRANSLATION. */
const SOME_EVENT = 0x10n;

/** The event, as the pSMMU recorded it: with the StreamID that the device has on the host. */
function eventOf(
  { platform }: World,
  objects: Objects,
  queue: ObjectOf<'veventq'>,
  words: readonly bigint[],
): Command | null {
  const [first = 0n, ...rest] = words;
  const virtual = first >> SID_SHIFT;
  for (const slot of objects) {
    if (slot?.type !== 'vdevice') continue;
    const { viommu, virtId, devId } = slot;
    if (viommu !== queue.viommu || (virtId & LOW_HALF) !== virtual) continue;
    const bound = objects[devId];
    const device = bound?.type === 'device' ? platform.devices[bound.device] : undefined;
    const stream = device?.streamIds[0];
    if (device === undefined || stream === undefined) continue;
    const physical = (first & LOW_HALF) | (BigInt(stream) << SID_SHIFT);
    return { actor: `device:${device.id}`, command: 'smmuEvent', args: { words: [physical, ...rest] } };
  }
  return null;
}
