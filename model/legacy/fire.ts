import { outOf } from '../smmu/machine/dma.ts';
import type { DmaOutcome } from '../smmu/machine/outcome.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { legacyOf } from './access.ts';
import type { LegacyGroup } from './machine.ts';
import { outcomeOfMsi } from './reach.ts';
import { messagesOf } from './vectors.ts';

/** A device of the old groups raises a vector. ENODEV: there is no such device; EINVAL: the vector is off. */
export function fireLegacyMsi(tx: Tx, actor: string, vector: number): Result {
  const legacy = legacyOf(tx);
  const device = actor.slice('device:'.length);
  const group = legacy?.platform.groups.findIndex(({ devices }) => devices.includes(device)) ?? -1;
  if (legacy === null || group < 0 || !actor.startsWith('device:')) return refused('ENODEV');
  const message = messagesOf(legacy.machine.groups[group] as LegacyGroup, device)[vector];
  if (message === undefined) return refused('EINVAL');
  const outcome: DmaOutcome = tx.rules.msi.msiIsTranslated
    ? outcomeOfMsi(legacy, group, message)
    : { kind: 'reaches', address: message.address };
  return done({ ...outOf([outcome]), value: message.data });
}
