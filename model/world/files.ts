import { copyProcess, withFileRefs } from './copy.ts';
import { FIRST_FD, NEW_PROCESS, type OpenFile, processOf } from './process.ts';
import { putFile, putProcess, type Tx } from './tx.ts';

/** Opens a file description and gives the process its lowest free descriptor. */
export function installFile(tx: Tx, actor: string, of: OpenFile): number {
  const { files } = tx.world;
  const free = files.indexOf(null);
  const index = free < 0 ? files.length : free;
  putFile(tx, index, { refs: 1, of });
  return installFd(tx, actor, index);
}

/** Something more refers to an open file (get_file()). */
export function holdFile(tx: Tx, index: number): void {
  const file = tx.world.files[index] ?? null;
  if (file !== null) putFile(tx, index, withFileRefs(file, file.refs + 1));
}

/** Gives the process its lowest free descriptor for an open file. */
export function installFd(tx: Tx, actor: string, index: number): number {
  const process = copyProcess(processOf(tx.world.processes, actor) ?? NEW_PROCESS);
  const fds = process.fds.slice();
  let at = 0;
  if (tx.rules.host.descriptorIsLowest) while (at < fds.length && (fds[at] ?? null) !== null) at++;
  else at = fds.length;
  fds[at] = index;
  process.fds = fds;
  putProcess(tx, actor, process);
  return at + FIRST_FD;
}

/** A file that no process has and that is still to be released. */
export function leaveUnreleased(tx: Tx, of: OpenFile): void {
  const free = tx.world.files.indexOf(null);
  putFile(tx, free < 0 ? tx.world.files.length : free, { refs: 0, of });
}

/** Standard input, output and error are open, on files that are nothing to these machines. */
const STANDARD = Object.freeze({ index: -1, of: Object.freeze({ kind: 'standard' }) } as const);

/** The open file description behind a descriptor, with its index; null is EBADF. */
export function fileOf(
  tx: Pick<Tx, 'world'>,
  actor: string,
  fd: number,
): { index: number; of: OpenFile } | null {
  const fds = processOf(tx.world.processes, actor)?.fds;
  if (fd >= 0 && fd < FIRST_FD && fds !== undefined) return STANDARD;
  const index = fds?.[fd - FIRST_FD] ?? null;
  const file = index === null ? null : (tx.world.files[index] ?? null);
  return index === null || file === null ? null : { index, of: file.of };
}

/** Frees a descriptor; what it referred to lives on while anything else holds it. */
export function forgetFd(tx: Tx, actor: string, fd: number): void {
  const before = processOf(tx.world.processes, actor);
  if (before === undefined) return;
  const process = copyProcess(before);
  const fds = before.fds.slice();
  fds[fd - FIRST_FD] = null;
  while (fds.length > 0 && fds.at(-1) === null) fds.pop();
  process.fds = fds;
  putProcess(tx, actor, process);
}
