import { decode } from '../../../spec/bits.ts';
import { type Command, decodeCommand } from '../../../spec/smmuv3/command.ts';
import { idr3 } from '../../../spec/smmuv3/id-registers.ts';
import { isIllegal } from '../../../spec/smmuv3/illegal-command.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Area } from '../../iommufd/iopt/table.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Words } from '../../world/command.ts';
import { type Memory, readWord64 } from '../../world/memory/memory.ts';
import { RAM_START } from '../../world/memory/user-pages.ts';
import type { World } from '../../world/world.ts';
import { areasOf, pagingOf } from '../driver/domains.ts';
import { contextAddress } from '../driver/layout.ts';
import type { DriverState, HardwareAction } from '../driver/state.ts';

/** A list that grows at its head and shares its tail. */
export type Log<T> = { readonly entry: T; readonly older: Log<T> } | null;

/** A word of memory had another value until some time. */
export interface WordChange {
  readonly until: number;
  readonly address: bigint;
  readonly before: bigint;
}

/** A domain mapped a range until some time. */
export interface AreaGone {
  readonly until: number;
  readonly place: number;
  readonly area: Area;
}

/** A stream had another STE until some time. */
export interface SteChange {
  readonly until: number;
  readonly smmu: number;
  readonly streamId: number;
  readonly before: Words;
}

/** An invalidation that completed. */
export interface Flush {
  readonly at: number;
  readonly smmu: number;
  readonly command: Command;
  /** That SMMU has range invalidation (IDR3.RIL). */
  readonly ranges: boolean;
}

/**
 * What the SMMUs could have seen, as far as a cache may still hold it: every value that was replaced, and every
 * invalidation, with the time at which it happened.
 */
export interface History {
  readonly now: number;
  readonly words: Log<WordChange>;
  readonly areas: Log<AreaGone>;
  readonly stes: Log<SteChange>;
  readonly flushes: Log<Flush>;
}

export const NO_HISTORY: History = Object.freeze({
  now: 0,
  words: null,
  areas: null,
  stes: null,
  flushes: null,
});

/** The process or a device wrote `length` bytes of RAM at an offset. */
export function noteWrite(
  history: History,
  before: Memory,
  after: Memory,
  offset: number,
  length: number,
): History {
  const now = history.now + 1;
  let { words } = history;
  for (let at = offset - (offset % 8); at < offset + length; at += 8) {
    const old = readWord64(before, at);
    if (old === readWord64(after, at)) continue;
    words = { entry: { until: now, address: RAM_START + BigInt(at), before: old }, older: words };
  }
  return { ...history, now, words };
}

/** What a command unmapped, and then what the driver did to the pSMMUs, in this order. */
export function noteDriven(
  history: History,
  before: { readonly world: World; readonly driver: DriverState },
  after: { readonly world: World; readonly driver: DriverState },
  actions: readonly HardwareAction[],
): History {
  let noted = noteUnmapped(history, before.world, after.world, after.driver);
  const written = new Set<string>();
  for (const action of actions) {
    if (action.kind === 'issue') {
      noted = noteFlush(noted, before.world.platform, action.smmu, action.commands);
      continue;
    }
    // No DMA comes between the steps of an update: only the value before its first write was ever seen.
    const entry =
      action.kind === 'writeSte' ? `ste ${action.smmu} ${action.streamId}` : `cd ${action.device}`;
    if (!written.has(entry)) noted = noteReplaced(noted, action, before.driver);
    written.add(entry);
  }
  return noted;
}

function noteUnmapped(history: History, before: World, after: World, driver: DriverState): History {
  if (before.contexts === after.contexts) return history;
  const now = history.now + 1;
  let { areas } = history;
  driver.placed.forEach((ref, place) => {
    if (ref === null || pagingOf(before, ref) === null) return;
    const left = areasOf(after, ref);
    for (const area of areasOf(before, ref)) {
      if (!left.includes(area)) areas = { entry: { until: now, place, area }, older: areas };
    }
  });
  return areas === history.areas ? history : { ...history, now, areas };
}

function noteReplaced(
  history: History,
  action: Exclude<HardwareAction, { readonly kind: 'issue' }>,
  driver: DriverState,
): History {
  const now = history.now + 1;
  if (action.kind === 'writeSte') {
    const { smmu, streamId } = action;
    const before = driver.streamTables[smmu]?.[streamId] ?? [];
    return { ...history, now, stes: { entry: { until: now, smmu, streamId, before }, older: history.stes } };
  }
  const start = contextAddress(action.device);
  let { words } = history;
  (driver.contexts[action.device] ?? []).forEach((before, i) => {
    words = { entry: { until: now, address: start + BigInt(8 * i), before }, older: words };
  });
  return { ...history, now, words };
}

/** What the SMMU rejects as illegal invalidates nothing (IHI0070 4.1.3). */
function noteFlush(
  history: History,
  { iommus }: Platform,
  smmu: number,
  issued: readonly CommandWords[],
): History {
  const now = history.now + 1;
  const ranges = decode(idr3, [BigInt(iommus[smmu]?.idr[3] ?? 0)]).RIL === 1;
  let { flushes } = history;
  for (const words of issued) {
    const command = isIllegal(words) ? undefined : decodeCommand(words);
    if (command === undefined || command.name === 'SYNC') continue;
    flushes = { entry: { at: now, smmu, command, ranges }, older: flushes };
  }
  return { ...history, now, flushes };
}

/** The entries of a log, the newest first. */
export function* entriesOf<T>(log: Log<T>): Generator<T> {
  for (let rest = log; rest !== null; rest = rest.older) yield rest.entry;
}
