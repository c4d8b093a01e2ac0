import { CMDQEN } from '../../model/vmm/control.ts';
import { isStopped } from '../../model/vmm/queue.ts';
import { isEmpty, ringOf } from '../../model/vmm/ring.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const enabledQueueIsConsumed: StateProperty = {
  id: 'enabled-queue-is-consumed',
  sentence:
    'An enabled command queue is consumed unless an error waits for the guest. After the guest has acknowledged it, the queue goes on.',
  source:
    'IHI0070 7.1 (command queue errors: consumption stops until GERRORN acknowledges), 6.3.17 (GERRORN)',
  kind: 'state',
  appliesTo: hasVsmmu,
  brokenBy: 'acknowledgement-restarts-nothing',
  violated(world) {
    for (const { name, running, vsmmus } of world.vms) {
      if (!running) continue;
      for (const [index, { cr0, control }] of vsmmus.entries()) {
        if ((cr0 & CMDQEN) === 0 || isStopped(control)) continue;
        const { CMDQ_BASE, CMDQ_PROD, CMDQ_CONS } = control;
        if (isEmpty(ringOf(CMDQ_BASE, CMDQ_PROD, CMDQ_CONS, true))) continue;
        return `the command queue of vSMMU ${index} of ${name} stands still at ${CMDQ_CONS & 0xfffff} of ${CMDQ_PROD}`;
      }
    }
    return null;
  },
  witness: (world) =>
    world.vms.some(({ running, vsmmus }) => running && vsmmus.some(({ cr0 }) => (cr0 & CMDQEN) !== 0)),
};
