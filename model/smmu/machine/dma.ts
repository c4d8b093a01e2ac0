import { smmuEvent } from '../../iommufd/eventq.ts';
import type { CommandArgs } from '../../world/command.ts';
import { done, type Result, refused } from '../../world/result.ts';
import type { Tx } from '../../world/tx.ts';
import type { DmaOutcome } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { streamsOf } from './streams.ts';
import { viewOf } from './view-of.ts';

/** A PASID has 20 bits. */
const SSIDS = 2 ** 20;

/**
 * A device reads or writes memory. Gives every outcome that the caches permit at that moment: `addresses` (physical),
 * `events` (four words each) and `aborts` (in silence). An event is recorded only where it is the one thing that can
 * happen: which of several does is not for a model to choose, and no state may depend on it.
 */
export function dma(tx: Tx, args: CommandArgs['dma'], actor: string): Result {
  const { platform, machine } = tx.world;
  const device = platform.devices.findIndex(({ id }) => actor === `device:${id}`);
  const stream = streamsOf(platform).filter((each) => each.device === device)[args.stream];
  if (machine === null || stream === undefined) return refused('ENODEV');
  if (args.ssv && args.ssid >= SSIDS) return refused('EINVAL');
  const outcomes = outcomesOf(tx.world, viewOf(tx.world), {
    stream: stream.index,
    address: args.iova,
    write: args.write,
    ssid: args.ssv ? args.ssid : null,
    translated: args.translated,
  });
  const [only] = outcomes;
  if (outcomes.length === 1 && only?.kind === 'faults') smmuEvent(tx, device, only.event);
  return done(outOf(outcomes));
}

function outOf(outcomes: readonly DmaOutcome[]): Readonly<Record<string, number | readonly bigint[]>> {
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
