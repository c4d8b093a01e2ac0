import type { Command } from '../../model/world/command.ts';
import { type Answer, refusal, wrongIn } from '../answers/answer.ts';
import { isMemoryAsAtStart } from '../answers/pages.ts';
import { placeOf } from '../answers/place.ts';
import { hasMock } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { ACCESS_ANSWERS } from './accesses.ts';
import { DEVICE_ANSWERS } from './devices.ts';
import { INVALIDATION_ANSWERS } from './invalidations.ts';
import type { At } from './look.ts';
import { LOOK_ANSWERS } from './looks.ts';

type Judge = (at: At, args: never, transition: Transition) => Answer;

const ANSWERS: ReadonlyMap<string, Judge> = new Map<string, Judge>(
  Object.entries({ ...ACCESS_ANSWERS, ...DEVICE_ANSWERS, ...INVALIDATION_ANSWERS, ...LOOK_ANSWERS }),
);

/** Bytes of struct iommu_test_cmd, and up to its last field; of struct iommu_hwpt_invalidate. */
const TEST = { SIZE: 72, MIN: 68 } as const;
const INVALIDATE = { SIZE: 32, MIN: 32 } as const;

/** What a struct of another size is answered; null: its size is no matter. */
function againstSize({ command, args }: Command): Answer {
  const { size, trailing } = args as { readonly size: number; readonly trailing: boolean };
  const { SIZE, MIN } = command.startsWith('mock') ? TEST : INVALIDATE;
  if (size < MIN) return refusal('EINVAL');
  return size > SIZE && trailing ? refusal('E2BIG') : null;
}

function answerTo(transition: Transition): Answer {
  const { before, command } = transition;
  const judge = ANSWERS.get(command.command);
  if (judge === undefined || !isMemoryAsAtStart(before) || (before.mock?.mappings.length ?? 0) > 0)
    return null;
  const place = placeOf(transition);
  if (place === null) return null;
  const at: At = { ...place, actor: command.actor };
  return againstSize(command) ?? judge(at, command.args as never, transition);
}

export const selftestCallsAnswerAsDocumented: StepProperty = {
  id: 'selftest-calls-answer-as-documented',
  sentence:
    "Operations of IOMMU_TEST_CMD, and invalidations of the mock IOMMU, are answered as the kernel's selftests expect: what they look at is what is there, and what they make, move, pin or take back is so behind them.",
  source: 'drivers/iommu/iommufd/selftest.c; tools/testing/selftests/iommu/iommufd.c',
  kind: 'step',
  appliesTo: hasMock,
  brokenBy: 'reserve-ignores-use',
  violated: (transition) => wrongIn(transition, answerTo(transition)),
  witness: (transition) => answerTo(transition) !== null,
};
