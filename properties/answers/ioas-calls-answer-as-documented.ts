import { contextOfFd } from '../look.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { type Answer, wrongIn } from './answer.ts';
import { wrongElsewhere } from './areas.ts';
import { COMPAT_ANSWERS } from './compat.ts';
import { IOAS_ANSWERS } from './ioas.ts';
import { OPTION_ANSWERS } from './options.ts';
import { isMemoryAsAtStart } from './pages.ts';
import { answerBy, type Judge } from './place.ts';

const ANSWERS: ReadonlyMap<string, Judge> = new Map<string, Judge>(
  Object.entries({ ...IOAS_ANSWERS, ...OPTION_ANSWERS, ...COMPAT_ANSWERS }),
);

function answerTo(transition: Transition): Answer {
  const judge = ANSWERS.get(transition.command.command);
  return judge === undefined || !isMemoryAsAtStart(transition.before) ? null : answerBy(judge, transition);
}

/** The IOASes whose mappings a call may change: of COPY that is the one that is copied to. */
function namedBy({ before, command: { args, actor } }: Transition): ReadonlySet<number> {
  if ('dstIoasId' in args) return new Set([args.dstIoasId as number]);
  if ('ioasId' in args) return new Set([args.ioasId as number]);
  const compat = 'fd' in args ? contextOfFd(before, actor, args.fd as number)?.compatIoas : null;
  return new Set(compat == null ? [] : [compat]);
}

export const ioasCallsAnswerAsDocumented: StepProperty = {
  id: 'ioas-calls-answer-as-documented',
  sentence:
    'A call about an IOAS is done unless the documented reasons forbid it, else refused with the errno of the first of them. What it gives back and what is mapped after it are as documented.',
  source: 'Documentation/userspace-api/iommufd.rst; include/uapi/linux/iommufd.h; rules R-7 to R-15',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'map-without-protection',
  violated(transition) {
    const answer = answerTo(transition);
    if (answer === null) return null;
    return wrongIn(transition, answer) ?? wrongElsewhere(transition, namedBy(transition));
  },
  witness: (transition) => answerTo(transition) !== null,
};
