import { GBPA_RESET } from '../../model/vmm/vm.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

export const resetIsAsAtPowerOn: StepProperty = {
  id: 'reset-is-as-at-power-on',
  sentence:
    'After a system reset a vSMMU is disabled and its GBPA, queues and cached STEs are as at power on.',
  source: 'IHI0070 6.3: reset values; hw/arm/smmuv3: Fix device reset (QEMU 43530095e1)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'reset-keeps-registers',
  violated(transition) {
    const { world, result } = transition;
    if (!result.ok || argsOf(transition, 'reset') === null) return null;
    for (const [index, vsmmu] of (vmOfCommand(world, transition)?.vsmmus ?? []).entries()) {
      const { cr0, gbpa, events, stes } = vsmmu;
      const where = `after a reset vSMMU ${index} has`;
      if (cr0 !== 0) return `${where} CR0 ${cr0}`;
      if (gbpa !== GBPA_RESET) return `${where} GBPA 0x${gbpa.toString(16)}`;
      if (events.length > 0) return `${where} ${events.length} events`;
      if (stes.some(({ read }) => read !== null)) return `${where} STEs that it has read`;
    }
    return null;
  },
  witness: (transition) =>
    transition.result.ok &&
    argsOf(transition, 'reset') !== null &&
    (vmOfCommand(transition.before, transition)?.vsmmus.some(({ cr0 }) => cr0 !== 0) ?? false),
};
