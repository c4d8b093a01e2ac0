import type { MsiMessage } from '../../model/host/msi-message.ts';
import { type Legacy, legacyOf } from '../../model/legacy/access.ts';
import { numberOf } from '../../model/legacy/prepare.ts';
import { outcomeOfMsi } from '../../model/legacy/reach.ts';
import { itsOfGroup } from '../../model/legacy/regions.ts';
import { hostData, isDoorbell } from '../../model/platform/doorbell.ts';
import type { World } from '../../model/world/world.ts';
import { hex } from './look.ts';

/** A vector that is on, of a device of the old groups. */
export interface GroupVector {
  readonly legacy: Legacy;
  readonly group: number;
  readonly device: string;
  readonly vector: number;
  readonly message: MsiMessage;
}

/** Calls back for every vector that is on, a user's or the host's. */
export function firstGroupVector<R>(world: World, look: (vector: GroupVector) => R | null): R | null {
  const legacy = legacyOf({ world });
  if (legacy === null) return null;
  for (const [group, { vectors }] of legacy.machine.groups.entries()) {
    for (const { device, messages } of vectors) {
      for (const [vector, message] of messages.entries()) {
        const found = look({ legacy, group, device, vector, message });
        if (found !== null) return found;
      }
    }
  }
  return null;
}

/** What a vector's message reaches; null: nothing. */
export function reachedBy({ legacy, group, message }: GroupVector): bigint | null {
  const outcome = outcomeOfMsi(legacy, group, message);
  return outcome.kind === 'reaches' ? outcome.address : null;
}

export function isOwnDoorbell({ legacy, group }: GroupVector, address: bigint): boolean {
  return isDoorbell(itsOfGroup(legacy.whole, group), legacy.whole, address);
}

/** Why a vector does not work; null: it does. */
export function strayOf(found: GroupVector): string | null {
  const { legacy, device, vector, message } = found;
  const name = `vector ${vector} of ${device}`;
  if (message.data !== hostData(numberOf(legacy.platform.groups, device), vector))
    return `${name} writes ${message.data}, which is not the host's data`;
  const reached = reachedBy(found);
  if (reached === null) return `the MSI of ${name}, at ${hex(message.address)}, reaches nothing`;
  if (isOwnDoorbell(found, reached)) return null;
  return `the MSI of ${name}, at ${hex(message.address)}, reaches ${hex(reached)}, which is no doorbell of its ITS`;
}
