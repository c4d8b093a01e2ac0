import type { File, Process } from './process.ts';
import type { World } from './world.ts';

/** What its maker may still change, until somebody else has it. */
export type Draft<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * A copy to change. Written out, as every copy on the hot path: Node 20 takes microseconds to spread a record that was
 * itself made by spreading, and a twentieth of that for this (docs/performance.md).
 */
export function copyWorld(world: World): Draft<World> {
  const {
    platform,
    processes,
    files,
    contexts,
    devices,
    groups,
    iommus,
    vms,
    machine,
    pasids,
    emulated,
    emulatedVtd,
    legacy,
    vtd,
    pageRequests,
    pins,
    mock,
    repeated,
  } = world;
  return {
    platform,
    processes,
    files,
    contexts,
    devices,
    groups,
    iommus,
    vms,
    machine,
    pasids,
    emulated,
    emulatedVtd,
    legacy,
    vtd,
    pageRequests,
    pins,
    mock,
    repeated,
  };
}

export function copyProcess({ fds, mappings, calls, itsMappings, memory, given }: Process): Draft<Process> {
  const copy: Draft<Process> = { fds, mappings, calls, itsMappings };
  if (memory !== undefined) copy.memory = memory;
  if (given !== undefined) copy.given = given;
  return copy;
}

/** The same open file with another count of references. */
export function withFileRefs({ of, mapped }: File, refs: number): File {
  return mapped === undefined ? { refs, of } : { refs, of, mapped };
}
