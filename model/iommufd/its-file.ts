import { doorbellPages } from '../platform/doorbell.ts';
import type { Platform } from '../platform/platform.ts';
import type { CommandArgs } from '../world/command.ts';
import { type Process, processOf } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { putProcess, type Tx } from '../world/tx.ts';

/** mmap() of the doorbells of an ITS; no kernel offers them, so the file is not there (ENOENT). */
export function mmapIts(tx: Tx, { its, va }: CommandArgs['mmapIts'], actor: string): Result {
  const { platform } = tx.world;
  const process = processOf(tx.world.processes, actor);
  if (tx.rules.msi.doorbellPlace !== 'its-file' || platform.its[its] === undefined) return refused('ENOENT');
  if (process === undefined) return refused('EBADF');
  if (va % platform.kernel.pageSize !== 0n) return refused('EINVAL');
  if (isTaken(platform, process, its, va)) return refused('EEXIST');
  putProcess(tx, actor, { ...process, itsMappings: [...process.itsMappings, { va, its }] });
  return done();
}

export function munmapIts(tx: Tx, { va }: CommandArgs['munmapIts'], actor: string): Result {
  const process = processOf(tx.world.processes, actor);
  const mapping = process?.itsMappings.find((each) => each.va === va);
  if (process === undefined || mapping === undefined) return done();
  putProcess(tx, actor, {
    ...process,
    itsMappings: process.itsMappings.filter((each) => each !== mapping),
  });
  return done();
}

function sizeOf({ its, kernel }: Platform, index: number): bigint {
  const hardware = its[index];
  return hardware === undefined ? 0n : BigInt(doorbellPages(hardware)) * kernel.pageSize;
}

/** Whether the place is not free, or would not be all free. */
function isTaken(platform: Platform, { itsMappings }: Process, its: number, va: bigint): boolean {
  const end = va + sizeOf(platform, its);
  const inMemory = platform.userMemory.some(({ start, last }) => va <= last && start < end);
  return (
    inMemory || itsMappings.some((other) => other.va < end && va < other.va + sizeOf(platform, other.its))
  );
}

/** The physical page behind a stretch of user addresses that lies in a mapping of an ITS; null where it does not. */
export function itsPageAt(tx: Tx, actor: string, va: bigint, length: bigint): bigint | null {
  const { platform, processes } = tx.world;
  for (const mapping of processOf(processes, actor)?.itsMappings ?? []) {
    const offset = va - mapping.va;
    if (offset < 0n || offset + length > sizeOf(platform, mapping.its)) continue;
    return (platform.its[mapping.its]?.doorbell ?? 0n) + offset;
  }
  return null;
}
