import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { answerText, emulatedAccess, isCold, sameAnswer, twinAnswer } from './emulation.ts';

export const emulationInvalidatesWhatItIsTold: StepProperty = {
  id: 'emulation-invalidates-what-it-is-told',
  sentence:
    'After the same stores, commands and resets, an emulated SMMUv3 uses the same translations as one that follows the architecture.',
  source: 'IHI0070 4.3, 4.4, 3.11: invalidation commands; reset',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'configuration-range-overflows',
  violated(transition) {
    const access = emulatedAccess(transition);
    if (access === null) return null;
    const expected = twinAnswer(access);
    if (sameAnswer(access.answer, expected)) return null;
    return `the emulation gives ${answerText(access.answer)}, its twin ${answerText(expected)}`;
  },
  witness(transition) {
    const access = emulatedAccess(transition);
    return access !== null && !isCold(access.emulated) && access.answer.address !== undefined;
  },
};
