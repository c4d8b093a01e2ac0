import type { Handlers } from '../world/machine.ts';
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
import { boot, liveUpdate, migrate, plug, reset, serve, unplug } from './operator.ts';
import { type Vmm, vmOf } from './process.ts';
import { disableVector, enableVector, programVector } from './vectors.ts';

type Handler<N extends VmmCommandName> = (vmm: Vmm, args: VmmArgs[N]) => Result;

const HANDLERS: { readonly [N in VmmCommandName]: Handler<N> } = {
  boot,
  reset,
  plug,
  unplug,
  migrate,
  liveUpdate,
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

const GUEST = 'guest:';

/**
 * What the operator or a guest wants of a VMM. The VMM does it in one step, with calls into the kernel, which answers them
 * as it answers any process. ENODEV: no such machine or vSMMU; EPERM: not for this actor, or not now.
 */
function handle<N extends VmmCommandName>(tx: Tx, name: N, args: VmmArgs[N], actor: string): Result {
  const byOperator = 'vm' in args;
  if (byOperator ? actor !== 'operator' : !actor.startsWith(GUEST)) return refused('EPERM');
  const vm = byOperator ? args.vm : actor.slice(GUEST.length);
  const index = tx.world.vms.findIndex((each) => each.name === vm);
  if (index < 0) return refused('ENODEV');
  const vmm: Vmm = { tx, actor: `vmm:${vm}`, index };
  if (!byOperator) {
    const { running, vsmmus } = vmOf(vmm);
    if (!running) return refused('EPERM');
    if ('vsmmu' in args && vsmmus[(args as { readonly vsmmu: number }).vsmmu] === undefined)
      return refused('ENODEV');
  }
  const handler = HANDLERS[name] as Handler<N>;
  return handler(vmm, args);
}

/** The commands for a VMM, each with who answers it. */
export const VMM_HANDLERS = Object.fromEntries(
  (Object.keys(HANDLERS) as VmmCommandName[]).map((name) => [
    name,
    (tx: Tx, args: VmmArgs[VmmCommandName], actor: string) => handle(tx, name, args as never, actor),
  ]),
) as unknown as Handlers<VmmCommandName>;
