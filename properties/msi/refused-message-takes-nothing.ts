import type { StateProperty } from '../property.ts';
import { hasVectorUsers } from './platforms.ts';

export const refusedMessageTakesNothing: StateProperty = {
  id: 'refused-message-takes-nothing',
  sentence:
    'A device that is refused a message can have as many later as before: what was taken for it is given back.',
  source:
    'include/linux/irqdomain.h: irq_domain_alloc_irqs() fails as a whole; drivers/irqchip/irq-gic-v3-its.c: its_irq_domain_free()',
  kind: 'state',
  appliesTo: hasVectorUsers,
  brokenBy: 'failed-message-loses-event',
  violated(world) {
    const at = world.devices.findIndex(({ lostEvents }) => lostEvents !== undefined);
    if (at < 0) return null;
    const { id, msiVectors } = world.platform.devices[at] as (typeof world.platform.devices)[number];
    return `${id} can have ${Math.max(0, msiVectors - (world.devices[at]?.lostEvents ?? 0))} of its ${msiVectors} messages`;
  },
  witness: (world) => world.devices.some(({ messages }) => messages.length > 0),
};
