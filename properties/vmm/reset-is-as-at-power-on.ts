import { GBPA_RESET } from '../../model/vmm/vm.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { argsOf, vmOfCommand } from './look.ts';

/** What is zero then. */
const EMPTY = ['GERROR', 'GERRORN', 'CMDQ_PROD', 'CMDQ_CONS', 'EVENTQ_PROD', 'EVENTQ_CONS'] as const;

export const resetIsAsAtPowerOn: StepProperty = {
  id: 'reset-is-as-at-power-on',
  sentence:
    'After a system reset a vSMMU is disabled and its GBPA, queues and cached STEs are as at power on, and no vector of its devices is on or programmed.',
  source: 'IHI0070 6.3: reset values; hw/arm/smmuv3: Fix device reset (QEMU 43530095e1)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'reset-keeps-registers',
  violated(transition) {
    const { world, result } = transition;
    if (!result.ok || argsOf(transition, 'reset') === null) return null;
    for (const [index, vsmmu] of (vmOfCommand(world, transition)?.vsmmus ?? []).entries()) {
      const { cr0, gbpa, control, devices } = vsmmu;
      const where = `after a reset vSMMU ${index} has`;
      if (cr0 !== 0) return `${where} CR0 ${cr0}`;
      if (gbpa !== GBPA_RESET) return `${where} GBPA 0x${gbpa.toString(16)}`;
      for (const name of EMPTY)
        if (control[name] !== 0) return `${where} ${name} 0x${control[name].toString(16)}`;
      for (const { device, vectors, aliases } of devices) {
        if (vectors.length > 0) return `after a reset vector ${vectors[0]?.vector} of ${device} is as it was`;
        if (aliases.length > 0) return `after a reset ${device} is still found under StreamID ${aliases[0]}`;
      }
    }
    return null;
  },
  witness: (transition) =>
    transition.result.ok &&
    argsOf(transition, 'reset') !== null &&
    (vmOfCommand(transition.before, transition)?.vsmmus.some(({ cr0 }) => cr0 !== 0) ?? false),
};
