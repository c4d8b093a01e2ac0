import type { Call } from '../../../model/call.ts';
import type { World } from '../../../model/world/world.ts';
import { type Draw, oneIn } from '../choice.ts';
import type { VmMove } from '../vmm/move.ts';
import { vmViewOf } from '../vmm/view.ts';
import { MSI_MOVES } from './moves.ts';

/** Whether a world's machines have guests whose vectors are followed. */
export function hasVectors({ platform, machine }: World): boolean {
  return machine !== null && (platform.vmHardware ?? []).some(({ vits }) => vits !== undefined);
}

/** The next step where interrupts are followed; mostly in the machine in which most has happened. */
export function generateMsiCall(world: World, draw: Draw): Call {
  const first = vmViewOf(world, draw);
  const busy = world.vms.find(
    ({ running, vsmmus }) => running && vsmmus.some(({ devices }) => devices.length > 0),
  );
  const view =
    busy === undefined || busy === first.vm || oneIn(4, draw)
      ? first
      : { ...first, vm: busy, index: 0, vsmmu: busy.vsmmus[0] ?? first.vsmmu };
  const weights = MSI_MOVES.map((move) => move.weight(view));
  let left = draw(weights.reduce((sum, weight) => sum + weight, 0));
  let at = 0;
  while (left >= (weights[at] ?? 0)) left -= weights[at++] ?? 0;
  return (MSI_MOVES[at] as VmMove).make(view, draw);
}
