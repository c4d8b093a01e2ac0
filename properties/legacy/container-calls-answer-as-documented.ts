import { type Answer, wrongIn } from '../answers/answer.ts';
import { hasContainers } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { type At, atOf } from './answers/at.ts';
import { CONTAINER_ANSWERS } from './answers/container.ts';
import { GROUP_ANSWERS } from './answers/group.ts';

type Judge = (at: At, args: never) => Answer;

const ANSWERS: ReadonlyMap<string, Judge> = new Map<string, Judge>(
  Object.entries({ ...CONTAINER_ANSWERS, ...GROUP_ANSWERS }),
);

function answerTo({ before, command }: Transition): Answer {
  const judge = ANSWERS.get(command.command);
  const at = judge === undefined ? null : atOf(before);
  return judge === undefined || at === null ? null : judge(at, command.args as never);
}

export const containerCallsAnswerAsDocumented: StepProperty = {
  id: 'container-calls-answer-as-documented',
  sentence:
    'A call on a container, a group or a device of it is done unless the documented reasons forbid it, else refused with the errno of the first of them. What it changes is as documented.',
  source:
    'linux/vfio.h; Documentation/driver-api/vfio.rst; drivers/vfio/{group,container,vfio_iommu_type1}.c',
  kind: 'step',
  appliesTo: hasContainers,
  brokenBy: 'v2-unmaps-as-v1',
  violated: (transition) => wrongIn(transition, answerTo(transition)),
  witness: (transition) => answerTo(transition) !== null,
};
