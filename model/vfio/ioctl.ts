import { VFIO_IOCTLS, type VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Binding } from '../world/process.ts';
import { type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { vfioAttach, vfioDetach } from './attach.ts';
import { vfioBind } from './bind.ts';
import { vfioGetIrqInfo, vfioSetIrqs } from './irqs.ts';
import { vfioGetInfo, vfioGetRegionInfo, vfioReset } from './pci.ts';

type BoundName = Exclude<VfioIoctlName, 'vfioBind'>;

type Handler<N extends BoundName> = (
  tx: Tx,
  device: number,
  binding: Binding,
  args: CommandArgs[N],
  actor: string,
) => Result;

const HANDLERS: { readonly [N in BoundName]: Handler<N> } = {
  vfioGetInfo,
  vfioGetRegionInfo,
  vfioGetIrqInfo,
  vfioSetIrqs,
  vfioReset,
  vfioAttach,
  vfioDetach,
};

/** An ioctl on an open device file: all but BIND need a bound one (EINVAL). */
export function vfioIoctl<N extends VfioIoctlName>(
  tx: Tx,
  file: number,
  device: number,
  name: N,
  args: CommandArgs[N],
  actor: string,
): Result {
  const open = tx.world.files[file];
  const bound = open?.of.kind === 'cdev' ? open.of.bound : null;
  if (name === 'vfioBind') {
    const bind = args as CommandArgs['vfioBind'];
    if (bind.argsz < VFIO_IOCTLS.vfioBind.minSize) return refused('EINVAL');
    // The one call of device files that takes structs of any age (copy_struct_from_user()).
    if (bind.argsz > VFIO_IOCTLS.vfioBind.size && bind.trailing) return refused('E2BIG');
    return vfioBind(tx, file, device, bind, actor);
  }
  if (bound === null) return refused('EINVAL');
  if ('argsz' in args && args.argsz < VFIO_IOCTLS[name].minSize) return refused('EINVAL');
  const handler = HANDLERS[name as BoundName] as Handler<BoundName>;
  return handler(tx, device, bound, args as CommandArgs[BoundName] & never, actor);
}
