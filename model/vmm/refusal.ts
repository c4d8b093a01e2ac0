import type { Errno } from '../../spec/errno.ts';
import { sameState } from '../world/equal.ts';
import { type Result, refused } from '../world/result.ts';
import type { World } from '../world/world.ts';
import type { Vmm } from './process.ts';

/** Why a VMM does not do what it was asked: for a program, and for its reader. */
export interface Objection {
  readonly errno: Errno;
  readonly reason: string;
  /** It is what the kernel said. */
  readonly kernel?: true;
  /** It is only about what a guest wrote into an STE. */
  readonly badSte?: true;
}

/**
 * Gives up what a VMM was asked to do: tells why, and takes back what it did so far. Where that leaves the machine
 * and the kernel as they were, it is the very world from before.
 */
export function giveUp(
  vmm: Vmm,
  before: World,
  { errno, reason, kernel }: Objection,
  takeBack: () => void,
): Result {
  const { tx } = vmm;
  const silent = kernel === true && !tx.rules.vmm.tellsKernelRefusal;
  tx.effects.push({ kind: 'vmmRefusal', reason: silent ? '' : reason });
  takeBack();
  tx.keep = true;
  if (sameState(tx.world, before)) tx.world = before;
  return refused(errno);
}

/** What the kernel said to one of the VMM's calls, as an objection. */
export function kernelObjects(what: string, result: Result): Objection {
  return {
    errno: result.ok ? 'EINVAL' : result.errno,
    reason: `${what}: ${result.ok ? 'ok' : result.errno}`,
    kernel: true,
  };
}
