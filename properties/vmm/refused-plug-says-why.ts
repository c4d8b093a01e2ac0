import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

const OPERATOR: ReadonlySet<string> = new Set(['boot', 'plug', 'migrate']);

/** The reason that a VMM gave for what it refused its operator; null where it refused nothing. */
function reasonOf({ command, result, effects }: Transition): string | null {
  if (result.ok || !OPERATOR.has(command.command)) return null;
  const told = effects.find((effect) => effect.kind === 'vmmRefusal');
  return told === undefined ? null : told.reason;
}

export const refusedPlugSaysWhy: StepProperty = {
  id: 'refused-plug-says-why',
  sentence:
    'A VMM that refuses what its operator asks gives a reason, also if it was the kernel that refused.',
  source: 'vfio/iommufd: Fix SIGSEV in iommufd_cdev_attach() (QEMU 7b3d5b84cb)',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'attach-fails-without-reason',
  violated: (transition) =>
    reasonOf(transition) === ''
      ? `${transition.command.command} is refused with ${transition.result.ok ? '' : transition.result.errno} and no word of why`
      : null,
  witness: (transition) => (reasonOf(transition) ?? '') !== '',
};
