import type { MsiMessage } from '../host/msi-message.ts';
import { smmuEvent } from '../iommufd/eventq.ts';
import { fireLegacyMsi } from '../legacy/fire.ts';
import { itsOf } from '../platform/doorbell.ts';
import { outOf } from '../smmu/machine/dma.ts';
import type { DmaOutcome } from '../smmu/machine/outcome.ts';
import { outcomesOf } from '../smmu/machine/outcomes.ts';
import { streamsOf } from '../smmu/machine/streams.ts';
import { viewOf } from '../smmu/machine/view-of.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { World } from '../world/world.ts';

/**
 * A device raises a vector: a write of its message's data to its message's address, under its first StreamID. Gives what
 * any DMA gives, and `value`, what was written. EINVAL: the host has not programmed the vector.
 */
export function fireMsi(tx: Tx, { vector }: CommandArgs['fireMsi'], actor: string): Result {
  const device = tx.world.platform.devices.findIndex(({ id }) => actor === `device:${id}`);
  if (device < 0) return fireLegacyMsi(tx, actor, vector);
  if (tx.world.machine === null) return refused('ENODEV');
  const message = tx.world.devices[device]?.messages[vector];
  if (message === undefined || message === null) return refused('EINVAL');
  const outcomes = tx.rules.msi.msiIsTranslated
    ? msiOutcomes(tx.world, device, message)
    : untranslated(message);
  const [only] = outcomes;
  if (outcomes.length === 1 && only?.kind === 'faults') smmuEvent(tx, device, only.event);
  return done({ ...outOf(outcomes), value: message.data });
}

/** Everything that may become of a message, whichever of the configuration and translations in caches it meets. */
export function msiOutcomes(world: World, device: number, message: MsiMessage): readonly DmaOutcome[] {
  const stream = streamsOf(world.platform).find((each) => each.device === device);
  if (itsOf(world.platform, device).untranslated === true || stream === undefined)
    return untranslated(message);
  const request = { stream: stream.index, address: message.address, write: true, ssid: null };
  return outcomesOf(world, viewOf(world), { ...request, translated: false });
}

function untranslated({ address }: MsiMessage): readonly DmaOutcome[] {
  return [{ kind: 'reaches', address }];
}
