import { INTERRUPT_FIRST } from '../../../model/vtd/architecture/address.ts';
import { VTD_LAYOUT, VTD_PAGES } from '../../scopes/emulated-vtd-memory.ts';
import { type Draw, oneIn, pick } from '../choice.ts';
import { drawSource, type VtdMove } from './move.ts';

const PAGE = 0x1000n;

/** A page of devices: of those that have an entry each, or of the large one. */
export function drawInputPage(draw: Draw): bigint {
  if (oneIn(4, draw)) return VTD_LAYOUT.largePage + BigInt(draw(4)) * PAGE;
  return VTD_LAYOUT.pages + BigInt(draw(VTD_PAGES)) * PAGE;
}

/** At times one that no table maps: past the widths there are, an interrupt, or an output. */
function drawAddress(draw: Draw): bigint {
  const page = drawInputPage(draw);
  switch (draw(24)) {
    case 0:
      return page | (1n << BigInt(pick([30, 38, 39, 46, 47, 48, 63], draw)));
    case 1:
      return INTERRUPT_FIRST + BigInt(draw(0x100)) * PAGE;
    case 2:
      return VTD_LAYOUT.outputs + BigInt(draw(VTD_PAGES)) * PAGE;
    default:
      return page;
  }
}

export const dma: VtdMove = {
  weight: ({ vtd }) => (vtd.enabled ? 60 : 2),
  make(_, draw) {
    const iova = drawAddress(draw) + (oneIn(6, draw) ? BigInt(4 * draw(0x400)) : 0n);
    const args = { source: drawSource(draw), iova };
    return {
      actor: 'device:dev0',
      command: 'vtdDma',
      args: oneIn(3, draw) ? { ...args, write: true } : args,
    };
  },
};
