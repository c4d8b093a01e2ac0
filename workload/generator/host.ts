import type { Call } from '../../model/call.ts';
import { type Draw, oneIn } from './choice.ts';
import type { View } from './view.ts';

/** What was interrupted goes on for one write or batch. */
export function proceed(): Call {
  return { actor: 'host', command: 'hostProceed', args: {} };
}

/** What the host does on its own: it interrupts the driver and its threads, and seldom switches a pSMMU off and on. */
export function hostCall({ world }: View, draw: Draw): Call {
  const smmu = draw(world.platform.iommus.length);
  const { machine } = world;
  if (machine?.work != null && !oneIn(8, draw)) return proceed();
  if (machine?.registers[smmu]?.enabled === false && !oneIn(3, draw))
    return { actor: 'host', command: 'hostReset', args: { smmu } };
  if (machine?.eventQueues[smmu]?.delayed === true && oneIn(3, draw))
    return { actor: 'host', command: 'hostReadEvents', args: { smmu } };
  switch (draw(12)) {
    case 0:
      return { actor: 'host', command: 'hostDisable', args: { smmu } };
    case 1:
      return { actor: 'host', command: 'hostReset', args: { smmu } };
    case 2:
    case 3:
      return { actor: 'host', command: 'hostDelayEvents', args: { smmu } };
    case 4:
      return { actor: 'host', command: 'hostReadEvents', args: { smmu } };
    default:
      return { actor: 'host', command: 'hostInterrupt', args: {} };
  }
}
