import { ObjectNames } from '../../checker/render/names.ts';
import { type ToldStep, tellStep } from '../../checker/render/told.ts';
import type { Place } from './session.ts';

/** The steps of a way as they are told, and what its objects are called after each. */
export interface ToldWay {
  readonly steps: readonly ToldStep[];
  /** Names at the end of the way. */
  readonly names: ObjectNames;
}

/** Tells every step of a way that begins at the start. */
export function toldWay(way: readonly Place[]): ToldWay {
  const names = new ObjectNames();
  const steps = way.flatMap(({ step }) => {
    if (step === null) return [];
    const { before, command, world, result } = step.transition;
    names.add(step.call, command, result, world);
    return [tellStep(step.call, before, step.done, names)];
  });
  return { steps, names };
}
