import type { CommandArgs } from '../../model/world/command.ts';
import { type Answer, refusal, wrongIn } from '../answers/answer.ts';
import { type At, answerBy, type Judge } from '../answers/place.ts';
import { anyObject, callsInFlight, objectOf } from '../look.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { DIRTY_ANSWERS } from './dirty.ts';
import { HW_INFO_ANSWERS } from './hw-info.ts';
import { NESTING_ANSWERS } from './nesting.ts';
import { QUEUE_ANSWERS } from './queues.ts';

/** IOMMU_DESTROY (rule R-1): of what nothing refers to. */
function destroy(at: At, { id }: CommandArgs['destroy']): Answer {
  const object = anyObject(at.context, id);
  if (object === null) return refusal('ENOENT');
  if (object.users > 1) return refusal('EBUSY');
  return {
    errno: null,
    wrongIn: ({ world }) =>
      (world.contexts[at.ctx]?.objects[id] ?? null) === null ? null : `${id} is there after DESTROY`,
  };
}

/** IOMMU_IOAS_CHANGE_PROCESS (rule R-18): nothing but mappings of files, and all that is mapped stays. */
function ioasChangeProcess({ context }: At, { reserved }: CommandArgs['ioasChangeProcess']): Answer {
  if (reserved !== 0) return refusal('EOPNOTSUPP');
  for (let id = 1; id < context.objects.length; id++)
    for (const { file } of objectOf(context, id, 'ioas')?.iopt.areas ?? [])
      if (file === undefined) return refusal('EINVAL');
  return { errno: null };
}

const ANSWERS: ReadonlyMap<string, Judge> = new Map<string, Judge>(
  Object.entries({
    destroy,
    ioasChangeProcess,
    ...DIRTY_ANSWERS,
    ...HW_INFO_ANSWERS,
    ...NESTING_ANSWERS,
    ...QUEUE_ANSWERS,
  }),
);

function answerTo(transition: Transition): Answer {
  const judge = ANSWERS.get(transition.command.command);
  // What another thread has begun may hold an object, or be about to make one.
  const isOpen = callsInFlight(transition.before).length > 0;
  return judge === undefined || isOpen ? null : answerBy(judge, transition);
}

export const objectCallsAnswerAsDocumented: StepProperty = {
  id: 'object-calls-answer-as-documented',
  sentence:
    'A call that makes, asks or destroys an object of iommufd is refused for the documented reasons, with the errno of the first of them. What it makes is what it names, what it tells is true, and flags of written pages are told once.',
  source:
    'Documentation/userspace-api/iommufd.rst; include/uapi/linux/iommufd.h; rules R-1, R-18 to R-26, R-31, R-36',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'virt-id-given-twice',
  violated: (transition) => wrongIn(transition, answerTo(transition)),
  witness: (transition) => answerTo(transition) !== null,
};
