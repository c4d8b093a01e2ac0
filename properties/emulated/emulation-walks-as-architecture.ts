import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { answerText, emulatedAccess, isCold, sameAnswer, walkAnswer } from './emulation.ts';

export const emulationWalksAsArchitecture: StepProperty = {
  id: 'emulation-walks-as-architecture',
  sentence: 'With empty caches, an emulated SMMUv3 translates as the architecture does.',
  source: 'IHI0070 3.3, 5, 7.3; VMSAv8-64',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'stream-table-size-ignored',
  violated(transition) {
    const access = emulatedAccess(transition);
    if (access === null || !isCold(access.emulated)) return null;
    const expected = walkAnswer(access);
    if (expected === null || sameAnswer(access.answer, expected)) return null;
    return `the emulation gives ${answerText(access.answer)}, the architecture ${answerText(expected)}`;
  },
  witness(transition) {
    const access = emulatedAccess(transition);
    return access !== null && isCold(access.emulated) && access.answer.address !== undefined;
  },
};
