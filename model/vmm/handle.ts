import { type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { VmmArgs, VmmCommandName } from './command.ts';
import {
  acknowledge,
  issueCommands,
  readEvents,
  readId,
  readRegister,
  renumber,
  storeGuest,
  writeCr0,
  writeGbpa,
  writeRegister,
  writeSte,
} from './guest.ts';
import { boot, migrate, plug, reset, serve, unplug } from './operator.ts';
import { type SystemCall, type Vmm, vmOf } from './process.ts';
import { disableVector, enableVector, programVector } from './vectors.ts';

type Handler<N extends VmmCommandName> = (vmm: Vmm, args: VmmArgs[N]) => Result;

const HANDLERS: { readonly [N in VmmCommandName]: Handler<N> } = {
  boot,
  reset,
  plug,
  unplug,
  migrate,
  serveEvents: serve,
  readId,
  writeCr0,
  writeGbpa,
  writeRegister,
  readRegister,
  storeGuest,
  writeSte,
  issueCommands,
  acknowledge,
  renumber,
  readEvents,
  programVector,
  enableVector,
  disableVector,
};

/** Whether a command is for a VMM rather than for the kernel. */
export function isVmmCommand(name: string): name is VmmCommandName {
  return Object.hasOwn(HANDLERS, name);
}

const GUEST = 'guest:';

/**
 * What the operator or a guest wants of a VMM. The VMM does it in one step, with calls into the kernel that `system`
 * answers as it answers any process. ENODEV: no such machine or vSMMU; EPERM: not for this actor, or not now.
 */
export function handle<N extends VmmCommandName>(
  tx: Tx,
  name: N,
  args: VmmArgs[N],
  actor: string,
  system: SystemCall,
): Result {
  const byOperator = 'vm' in args;
  if (byOperator ? actor !== 'operator' : !actor.startsWith(GUEST)) return refused('EPERM');
  const vm = byOperator ? args.vm : actor.slice(GUEST.length);
  const index = tx.world.vms.findIndex((each) => each.name === vm);
  if (index < 0) return refused('ENODEV');
  const vmm: Vmm = { tx, system, actor: `vmm:${vm}`, index };
  if (!byOperator) {
    const { running, vsmmus } = vmOf(vmm);
    if (!running) return refused('EPERM');
    if ('vsmmu' in args && vsmmus[args.vsmmu] === undefined) return refused('ENODEV');
  }
  const handler = HANDLERS[name] as Handler<N>;
  return handler(vmm, args);
}
