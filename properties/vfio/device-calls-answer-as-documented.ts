import type { Command } from '../../model/world/command.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import { type Answer, refusal, wrongIn } from '../answers/answer.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { type At, atOf } from './at.ts';
import { vfioAttach, vfioBind, vfioDetach, vfioGetInfo, vfioReset } from './device.ts';
import { vfioGetIrqInfo, vfioSetIrqs } from './interrupts.ts';
import { deviceFeature, hotReset, hotResetInfo, vfioGetRegionInfo } from './rare.ts';

type Judge = (at: At, args: never) => Answer;

/** All but BIND need a bound file. */
const BOUND: ReadonlyMap<string, Judge> = new Map<string, Judge>(
  Object.entries({
    ...{ vfioAttach, vfioDetach, vfioGetInfo, vfioGetRegionInfo, vfioGetIrqInfo, vfioReset, vfioSetIrqs },
    ...{ deviceFeature, hotResetInfo, hotReset },
  }),
);

function answerTo({ before, command }: Transition): Answer {
  const judge = command.command === 'vfioBind' ? vfioBind : BOUND.get(command.command);
  if (judge === undefined) return null;
  const at = atOf(before, command.actor, (command.args as { readonly fd: number }).fd);
  if (at === null) return null;
  if (judge !== vfioBind && at.bound === null) return refusal('EINVAL');
  return againstStruct(command) ?? judge(at, command.args as never);
}

/** What speaks against the size of a struct. BIND alone takes those of any age (copy_struct_from_user()). */
function againstStruct({ command, args }: Command): Answer {
  if (!('argsz' in args) || !(command in VFIO_IOCTLS)) return null;
  const { minSize, size } = VFIO_IOCTLS[command as keyof typeof VFIO_IOCTLS];
  if (args.argsz < minSize) return refusal('EINVAL');
  const trails = command === 'vfioBind' && 'trailing' in args && args.trailing === true;
  return trails && args.argsz > size ? refusal('E2BIG') : null;
}

export const deviceCallsAnswerAsDocumented: StepProperty = {
  id: 'device-calls-answer-as-documented',
  sentence:
    'A call on a device file is done unless the documented reasons forbid it, else refused with the errno of the first of them. What it gives back, and which interrupts are on after it, are as documented.',
  source:
    'linux/vfio.h; drivers/vfio/device_cdev.c, drivers/vfio/pci/vfio_pci_intrs.c; rules R-5, R-37, R-50',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'group-owner-not-exclusive',
  violated: (transition) => wrongIn(transition, answerTo(transition)),
  witness: (transition) => answerTo(transition) !== null,
};
