import type { File, OpenFile, Process } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';

/** Standard input, output and error are open in every process, and are nothing to these machines. */
const STANDARD = 3;

export const NO_PROCESS: Pick<Process, 'fds' | 'mappings' | 'calls'> = { fds: [], mappings: [], calls: [] };

export function processIn({ processes }: World, actor: string): typeof NO_PROCESS {
  return Object.hasOwn(processes, actor) ? (processes[actor] ?? NO_PROCESS) : NO_PROCESS;
}

/** Which file is behind a descriptor (its index); `standard`; null: none is open. */
export function indexBehind(world: World, actor: string, fd: number): number | 'standard' | null {
  if (fd >= 0 && fd < STANDARD) return 'standard';
  const index = processIn(world, actor).fds[fd - STANDARD] ?? null;
  return index === null || (world.files[index] ?? null) === null ? null : index;
}

export function kindBehind(world: World, actor: string, fd: number): OpenFile['kind'] | null {
  const index = indexBehind(world, actor, fd);
  if (index === null || index === 'standard') return index;
  return (world.files[index] as File).of.kind;
}

/** The descriptor that a process gets next. */
export function nextFd(world: World, actor: string): number {
  const { fds } = processIn(world, actor);
  for (let at = 0; ; at++) if ((fds[at] ?? null) === null) return at + STANDARD;
}
