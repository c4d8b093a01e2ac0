import type { AnyIoctlName, Command, CommandArgs } from '../world/command.ts';
import { copyWorld } from '../world/copy.ts';
import { completeArgs } from '../world/door.ts';
import type { Result } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { BackdoorArgs, VmmCommandName } from './command.ts';
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

/** What is not for a VMM: calls into the kernel, and what devices do. */
export type SystemCommand = Exclude<Command, { readonly command: VmmCommandName }>;

/** A call into the kernel, as any process makes it. */
export type SystemCall = (tx: Tx, command: SystemCommand) => Result;

/** A VMM at work: its machine and its process. */
export interface Vmm {
  readonly tx: Tx;
  readonly system: SystemCall;
  /** `vmm:<vm>` */
  readonly actor: string;
  /** Its machine's index in the world. */
  readonly index: number;
}

/** Calls the kernel as the VMM's process; arguments left out are at their defaults. What it did is told as an effect. */
export function call<N extends CallName>(vmm: Vmm, name: N, given: Partial<CommandArgs[N]>): Result {
  const { tx, actor } = vmm;
  // A name and its arguments are one command of the union; TypeScript does not follow that through the parameter.
  const command = { actor, command: name, args: completeArgs(name, given) } as SystemCommand;
  const inner: Tx = { world: tx.world, rules: tx.rules, effects: [], undone: [], keep: false };
  const result = vmm.system(inner, command);
  const counts = result.ok || inner.keep;
  if (counts) tx.world = inner.world;
  tx.effects.push({ kind: 'vmmCall', command, result }, ...(counts ? inner.effects : []));
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
