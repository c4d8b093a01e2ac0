import { hex } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** A DMA through a pSMMU that is off, of a device that belongs to a virtual machine. */
function pastDisabled({ before, command, result }: Transition): readonly bigint[] | null {
  if (command.command !== 'dma' || !result.ok || before.machine === null) return null;
  const device = before.platform.devices.find(({ id }) => command.actor === `device:${id}`);
  if (device === undefined || before.machine.registers[device.iommu]?.enabled !== false) return null;
  return before.groups[device.group]?.owner === null ? null : (result.out.addresses as readonly bigint[]);
}

export const disabledSmmuAborts: StepProperty = {
  id: 'disabled-smmu-aborts',
  sentence: "While the host has a pSMMU disabled, no DMA of a VM's device reaches memory.",
  source: 'IHI0070 3.11 (GBPA.ABORT); arm_smmu_device_reset(): "SMMU currently enabled! Resetting..."',
  kind: 'step',
  brokenBy: 'disable-leaves-bypass',
  appliesTo: followsCaches,
  violated(transition) {
    const [reached] = pastDisabled(transition) ?? [];
    return reached === undefined ? null : `${transition.command.actor} reaches ${hex(reached)}`;
  },
  witness: (transition) => pastDisabled(transition) !== null,
};
