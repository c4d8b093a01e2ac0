import type { Call } from '../../../model/call.ts';
import type { VectorArgs } from '../../../model/msi/command.ts';
import type { VmmCommandName } from '../../../model/vmm/command.ts';
import { FIRST_FD, vmmOf } from '../../../model/world/process.ts';
import type { World } from '../../../model/world/world.ts';
import type { Draw } from '../choice.ts';
import { drawSmmuEvent } from '../events.ts';
import { GUEST_MOVES } from './guest.ts';
import type { VmMove } from './move.ts';
import { OPERATOR_MOVES } from './operator.ts';
import { vmViewOf } from './view.ts';

const MOVES: { readonly [N in Exclude<VmmCommandName, keyof VectorArgs>]: VmMove } = {
  ...OPERATOR_MOVES,
  ...GUEST_MOVES,
};

/** An event of a device, as its pSMMU records it. */
const smmuEvent: VmMove = {
  weight: ({ world }) => (world.devices.some(({ vmaster }) => vmaster !== null) ? 6 : 1),
  make: ({ world }, draw) => drawSmmuEvent(world, draw),
};

/** What a VMM without the device could try, if a kernel had it. */
const iommuDriverInfo: VmMove = {
  weight: () => 1,
  make: ({ world, vm }, draw) => ({
    actor: vmmOf(vm.name),
    command: 'iommuDriverInfo',
    args: { fd: vm.iommufds[0]?.fd ?? FIRST_FD, iommu: draw(world.platform.iommus.length) },
  }),
};

const TABLE: readonly VmMove[] = [...Object.values(MOVES), smmuEvent, iommuDriverInfo];

/**
 * The next step of an operator, a guest or a device in a world with virtual machines; `draw` alone decides. Some are
 * of no use or name what is not there.
 */
export function generateVmCall(world: World, draw: Draw): Call {
  const view = vmViewOf(world, draw);
  const weights = TABLE.map((move) => move.weight(view));
  let left = draw(weights.reduce((sum, weight) => sum + weight, 0));
  let at = 0;
  while (left >= (weights[at] ?? 0)) left -= weights[at++] ?? 0;
  return (TABLE[at] as VmMove).make(view, draw);
}
