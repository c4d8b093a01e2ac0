import { type ArgValue, type Call, NEVER_ID } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import { FIRST_FD, type OpenFile } from '../../model/world/process.ts';
import { freshName } from './names.ts';
import { objectsOf, type View } from './view.ts';

/** The call with a fresh name for what it makes, if it makes something. */
export function named(view: View, call: Call): Call {
  const binds = COMMANDS[call.command].binds[0];
  if (binds === undefined) return call;
  const as = nameFor(view, call, binds.of);
  return as === null ? call : { actor: call.actor, command: call.command, args: call.args, as };
}

function nameFor(view: View, call: Call, kind: string): string | null {
  const { bindings, vm } = view;
  const { devices, mediated = [] } = view.world.platform;
  // Mediated devices come behind the others.
  const count = devices.length + mediated.length;
  switch (call.command) {
    case 'openIommufd':
    case 'openOther':
    case 'openFile':
    case 'openGroup':
    case 'exportBar':
      return freshName(bindings, vm, kind, 0, 1);
    case 'passFd':
      return freshName(bindings, `${String(call.args.to)}.`, kind, 0, 1);
    case 'openCdev': {
      const device = [...devices.map(({ id }) => id), ...mediated].indexOf(String(call.args.device));
      return freshName(bindings, vm, kind, Math.max(device, 0), count);
    }
    case 'vfioBind': {
      const file = fileBehind(view, call.args.fd);
      const device =
        file?.kind === 'cdev' ? file.device : file?.kind === 'mdev' ? devices.length + file.mdev : 0;
      return freshName(bindings, prefixBehind(view, call.args.iommufd), kind, device, count);
    }
    case 'vfioAttach': {
      // Only an attachment to an IOAS makes an HWPT: the automatic one.
      const prefix = prefixBehind(view, call.args.fd);
      return isIoas(view, call) ? freshName(bindings, prefix, kind, 0, 1) : null;
    }
    default:
      return freshName(bindings, prefixBehind(view, call.args.fd), kind, 0, 1);
  }
}

function isIoas(view: View, call: Call): boolean {
  const file = fileBehind(view, call.args.fd);
  if (file?.kind !== 'cdev' || file.bound === null) return false;
  const { table } = objectsOf(view, file.bound.ctx);
  return table[numberOf(view, call.args.ptId)]?.type === 'ioas';
}

/** What names of objects begin with in the context that a descriptor leads to. */
function prefixBehind(view: View, fd: ArgValue | undefined): string {
  const file = fileBehind(view, fd);
  switch (file?.kind) {
    case 'iommufd':
      return objectsOf(view, file.ctx).prefix;
    case 'cdev':
    case 'mdev':
      return file.bound === null ? view.vm : objectsOf(view, file.bound.ctx).prefix;
    default:
      return view.vm;
  }
}

function fileBehind(view: View, fd: ArgValue | undefined): OpenFile | null {
  const index = view.process.fds[numberOf(view, fd) - FIRST_FD] ?? null;
  return index === null ? null : (view.world.files[index]?.of ?? null);
}

function numberOf(view: View, handle: ArgValue | undefined): number {
  if (typeof handle === 'number') return handle;
  return typeof handle === 'string' ? (view.bindings[handle] ?? NEVER_ID) : NEVER_ID;
}
