import type { Command } from '../../model/world/command.ts';
import { ALL_IOCTLS } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { type Answer, refusal, wrongIn } from './answer.ts';
import { COMPAT_ANSWERS } from './compat.ts';
import { type At, IOAS_ANSWERS } from './ioas.ts';
import { OPTION_ANSWERS } from './options.ts';
import { isMemoryAsAtStart } from './pages.ts';

type Judge = (at: At, args: never, actor: string) => Answer;

const ANSWERS: ReadonlyMap<string, Judge> = new Map<string, Judge>(
  Object.entries({ ...IOAS_ANSWERS, ...OPTION_ANSWERS, ...COMPAT_ANSWERS }),
);

interface Struct {
  readonly size: number;
  readonly trailing: boolean;
}

/** What a struct of another size is answered (rule R-8); null: its size is no matter. Shorter ones are not looked at. */
function againstSize({ command, args }: Command): Answer | 'none' {
  if (!('size' in args)) return 'none';
  const { size, trailing } = args as Struct;
  const known = ALL_IOCTLS[command as keyof typeof ALL_IOCTLS];
  if (size < known.minSize) return refusal('EINVAL');
  if (size > known.size && trailing) return refusal('E2BIG');
  return size < known.size ? null : 'none';
}

function answerTo({ before, command }: Transition): Answer {
  const judge = ANSWERS.get(command.command);
  if (judge === undefined || !isMemoryAsAtStart(before)) return null;
  const { of } = fileOf({ world: before }, command.actor, (command.args as { readonly fd: number }).fd) ?? {};
  if (of?.kind !== 'iommufd') return null;
  const context = before.contexts[of.ctx] ?? null;
  if (context === null) return null;
  const size = againstSize(command);
  return size === 'none'
    ? judge({ world: before, ctx: of.ctx, context }, command.args as never, command.actor)
    : size;
}

export const ioasCallsAnswerAsDocumented: StepProperty = {
  id: 'ioas-calls-answer-as-documented',
  sentence:
    'A call about an IOAS is done unless the documented reasons forbid it, else refused with the errno of the first of them. What it gives back and what is mapped after it are as documented.',
  source: 'Documentation/userspace-api/iommufd.rst; include/uapi/linux/iommufd.h; rules R-7 to R-15',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'map-without-protection',
  violated: (transition) => wrongIn(transition, answerTo(transition)),
  witness: (transition) => answerTo(transition) !== null,
};
