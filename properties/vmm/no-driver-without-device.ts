import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The commands of a step that the kernel answered: the step's own, and what a VMM called in it. */
function* answered({ command, result, effects }: Transition): Generator<Command> {
  if (result.ok) yield command;
  for (const effect of effects) if (effect.kind === 'vmmCall' && effect.result.ok) yield effect.command;
}

/** Whether a process has a bound device behind an IOMMU. */
function holdsDeviceOf(world: World, actor: string, iommu: number): boolean {
  return (world.processes[actor]?.fds ?? []).some((index) => {
    const of = index === null ? undefined : world.files[index]?.of;
    return of?.kind === 'cdev' && of.bound !== null && world.platform.devices[of.device]?.iommu === iommu;
  });
}

export const noDriverWithoutDevice: StepProperty = {
  id: 'no-driver-without-device',
  sentence: "A process without a device of a host IOMMU reaches no operation of that IOMMU's driver.",
  source:
    'seed 000, Jason Gunthorpe: "I very much want to try hard to avoid that"; Shameer Kolothum: "security issues"',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'driver-without-device',
  violated(transition) {
    for (const { command, actor, args } of answered(transition)) {
      if (command !== 'iommuDriverInfo') continue;
      if (holdsDeviceOf(transition.before, actor, args.iommu)) continue;
      const name = transition.before.platform.iommus[args.iommu]?.name;
      return `the driver of ${name} answered ${actor}, which holds no device of it`;
    }
    return null;
  },
  witness(transition) {
    for (const { command } of answered(transition)) if (command === 'getHwInfo') return true;
    return false;
  },
};
