import type { AnyIoctlName, Command, CommandArgs } from '../world/command.ts';
import { copyWorld } from '../world/copy.ts';
import type { Result } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { BackdoorArgs } from './command.ts';
import type { Vm } from './vm.ts';

/** What a process can call: everything but what operators and guests do, and no device's doings. */
type CallName =
  | AnyIoctlName
  | 'openIommufd'
  | 'openCdev'
  | 'close'
  | 'read'
  | 'vfioPrepareMsi'
  | 'ioasMapMsi'
  | 'mmapIts'
  | 'munmapIts'
  | keyof BackdoorArgs;

/** A VMM at work: its machine and its process. */
export interface Vmm {
  readonly tx: Tx;
  /** `vmm:<vm>` */
  readonly actor: string;
  /** Its machine's index in the world. */
  readonly index: number;
}

/** Calls the kernel as the VMM's process; arguments left out are at their defaults. What it did is told as an effect. */
export function call<N extends CallName>(vmm: Vmm, name: N, given: Partial<CommandArgs[N]>): Result {
  const { tx, actor } = vmm;
  // A name and its arguments are one command of the union; TypeScript does not follow that through the parameter.
  const command = { actor, command: name, args: tx.system.complete(name, given) } as Command;
  const { world, rules, system } = tx;
  const inner: Tx = { world, rules, system, effects: [], undone: [], keep: false };
  const result = system.call(inner, command);
  const counts = result.ok || inner.keep;
  if (counts) tx.world = inner.world;
  // As of a command of its own: what the kernel did and took back shows in its drivers' steps.
  tx.effects.push({ kind: 'vmmCall', command, result });
  if (counts) tx.effects.push(...inner.effects);
  if (!result.ok) tx.effects.push(...inner.undone);
  return result;
}

/** A number that a call gave back. */
export function numberOf(result: Result, name: string): number {
  return Number(result.out[name] ?? 0);
}

export function vmOf({ tx, index }: Vmm): Vm {
  return tx.world.vms[index] as Vm;
}

export function putVm(vmm: Vmm, vm: Vm): void {
  const vms = vmm.tx.world.vms.slice();
  vms[vmm.index] = vm;
  const world = copyWorld(vmm.tx.world);
  world.vms = vms;
  vmm.tx.world = world;
}
