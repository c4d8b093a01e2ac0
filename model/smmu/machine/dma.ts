import type { Platform } from '../../platform/platform.ts';
import type { CommandArgs } from '../../world/command.ts';
import { done, type Result, refused } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import { recordEvent } from './event-queue.ts';
import type { DmaOutcome, DmaRequest } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { type Stream, streamsOf } from './streams.ts';
import { viewOf } from './view-of.ts';

const DEVICE = 'device:';
const NONE: readonly Stream[] = Object.freeze([]);

/** A PASID has 20 bits. */
const SSIDS = 2 ** 20;

const known = new WeakMap<Platform, Map<string, readonly Stream[]>>();

/** The streams of an actor, in its device's order; none where it is no device. */
function streamsBy(platform: Platform, actor: string): readonly Stream[] {
  let byActor = known.get(platform);
  if (byActor === undefined) {
    byActor = new Map();
    for (const [index, { id }] of platform.devices.entries())
      byActor.set(
        DEVICE + id,
        streamsOf(platform).filter((each) => each.device === index),
      );
    known.set(platform, byActor);
  }
  return byActor.get(actor) ?? NONE;
}

/** What a device asks for, and of which pSMMU; null where the actor has no such stream. */
export function requestOf(
  platform: Platform,
  args: CommandArgs['dma'],
  actor: string,
): { readonly stream: Stream; readonly request: DmaRequest } | null {
  const stream = streamsBy(platform, actor)[args.stream];
  if (stream === undefined) return null;
  const request: DmaRequest = {
    stream: stream.index,
    address: args.iova,
    write: args.write,
    ssid: args.ssv ? args.ssid : null,
    translated: args.translated,
  };
  return { stream, request };
}

/**
 * A device reads or writes memory. Gives every outcome that the caches permit at that moment: `addresses` (physical),
 * `events` (four words each) and `aborts` (in silence). An event is recorded only where it is the one thing that can
 * happen: which of several does is not for a model to choose, and no state may depend on it.
 */
export function dma(tx: Tx, args: CommandArgs['dma'], actor: string): Result {
  const { platform, machine } = tx.world;
  const asked = requestOf(platform, args, actor);
  if (machine === null || asked === null) return refused('ENODEV');
  if (args.ssv && args.ssid >= SSIDS) return refused('EINVAL');
  const { stream, request } = asked;
  const outcomes = outcomesOf(tx.world, viewOf(tx.world), request);
  const [only] = outcomes;
  if (outcomes.length === 1 && only?.kind === 'faults')
    recordEvent(tx, stream.smmu, stream.device, only.event);
  return done(outOf(outcomes));
}

/** The outcomes as a command tells them. */
export function outOf(outcomes: readonly DmaOutcome[]): Readonly<Record<string, number | readonly bigint[]>> {
  const addresses: bigint[] = [];
  const events: bigint[] = [];
  let aborts = 0;
  for (const outcome of outcomes) {
    if (outcome.kind === 'reaches') addresses.push(outcome.address);
    else if (outcome.kind === 'faults') events.push(...outcome.event);
    else aborts = 1;
  }
  return { addresses, events, aborts };
}
