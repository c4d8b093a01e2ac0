import { hasEmulatedVtd } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { answerText, isCold, vtdAccess, walkAnswer } from './emulation.ts';

export const vtdEmulationWalksAsArchitecture: StepProperty = {
  id: 'vtd-emulation-walks-as-architecture',
  sentence: "With empty caches, an emulated VT-d unit does what the walk over its guest's tables says.",
  source: 'VT-d 3, 7.1, 9',
  kind: 'step',
  appliesTo: hasEmulatedVtd,
  brokenBy: 'vtd-legacy-reasons',
  violated(transition) {
    const access = vtdAccess(transition);
    if (access === null || !isCold(access.state)) return null;
    const [given, expected] = [answerText(access.answer), walkAnswer(transition, access)];
    return given === expected ? null : `the emulation gives ${given}, the architecture ${expected}`;
  },
  witness(transition) {
    const access = vtdAccess(transition);
    if (access === null || !isCold(access.state)) return false;
    return access.state.vtd.enabled && access.answer.address !== undefined;
  },
};
