import type { Call } from '../../model/call.ts';
import { DMA_MAP, INFO_BYTES, INFO_MIN_BYTES, MAP_BYTES, VFIO_EXTENSION } from '../../spec/vfio/container.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import { call } from './move.ts';
import { MOVES } from './moves.ts';
import { PAGE } from './values.ts';
import { fdHandle, type Objects, objectHandle, type View } from './view.ts';

/** What a program calls that knows containers only, on a file of /dev/iommu. */
export function compatWork(view: View, here: Objects, draw: Draw): Call {
  const fd = fdHandle(view, here.fd as number);
  const asks = (command: Call['command'], args: Call['args']): Call => ({
    actor: view.actor,
    command,
    args: { fd, ...args },
  });
  const compat = view.world.contexts[here.ctx]?.compatIoas ?? null;
  if (compat === null && here.ioases.length > 0 && !oneIn(6, draw))
    return call(view, 'vfioIoas', { fd, ioasId: objectHandle(view, here, pick(here.ioases, draw)), op: 1 });
  switch (draw(10)) {
    case 0:
      return asks('compatApiVersion', {});
    case 1:
      return asks('compatCheckExtension', { extension: draw(12) });
    case 2:
      return asks('compatSetIommu', {
        type: oneIn(3, draw) ? draw(10) : pick([VFIO_EXTENSION.TYPE1, VFIO_EXTENSION.TYPE1V2], draw),
      });
    case 3:
    case 4:
      return asks('compatGetInfo', {
        argsz: pick([INFO_MIN_BYTES - 1, INFO_MIN_BYTES, INFO_BYTES, 36, 40, 72, 256], draw),
      });
    case 5:
      return compat === null ? asks('compatGetInfo', {}) : MOVES.vfioUnmapDma.make(view, draw);
    default:
      return asks('compatMapDma', mapping(view, draw));
  }
}

/** Pages in few places, so that mappings meet; now and then with what a struct must not have. */
function mapping({ world }: View, draw: Draw): Call['args'] {
  const { start } = world.platform.userMemory[0] as { start: bigint };
  const flags = oneIn(6, draw)
    ? draw(8)
    : pick([DMA_MAP.READ, DMA_MAP.READ | DMA_MAP.WRITE, DMA_MAP.WRITE], draw);
  return {
    argsz: oneIn(12, draw) ? MAP_BYTES - 8 : MAP_BYTES,
    flags,
    vaddr: start + BigInt(draw(4)) * PAGE + (oneIn(16, draw) ? 0x800n : 0n),
    iova: 0x10_0000n + BigInt(draw(8)) * PAGE + (oneIn(16, draw) ? 0x800n : 0n),
    length: BigInt(draw(4)) * PAGE,
  };
}
