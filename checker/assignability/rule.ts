import { whyNot } from '../../model/pasid/admission.ts';
import type { IommuHardware } from '../../spec/pasid/hardware.ts';
import { decide } from './decide.ts';
import { forEveryHardware } from './every-hardware.ts';
import type { Question } from './question.ts';

/** A description of which the rule of admission says one thing and exploration the other. */
export interface Difference {
  readonly hardware: IommuHardware;
  /** Why the rule refuses it; null: it does not. */
  readonly refused: string | null;
  /** What exploration found, as far as it has words for it. */
  readonly found: string;
}

/** How the rule of admission compares with exploration over every description of hardware. */
export interface Comparison {
  /** Descriptions that do not contradict themselves, and of them those where the way works. */
  readonly descriptions: number;
  readonly works: number;
  /** Explorations that it took, and the states that they looked at. */
  readonly explorations: number;
  readonly states: number;
  readonly differences: readonly Difference[];
}

/**
 * Asks of every description whether a unit can be had in a way: the rule (`whyNot`), and exploration. A way works exactly
 * where the rule does not refuse it, or else there are differences.
 */
export function compareWithRule(question: Omit<Question, 'hardware'>): Comparison {
  const { unit, viommu, mechanism, paravirtual } = question;
  const asked = { slice: unit === 'mdev', viommu, mechanism, paravirtual };
  const differences: Difference[] = [];
  let descriptions = 0;
  let works = 0;
  let explorations = 0;
  let states = 0;
  for (const { result, hardware } of forEveryHardware((any) => decide({ ...question, hardware: any }))) {
    const does = result.verdict === 'works';
    descriptions += hardware.length;
    works += does ? hardware.length : 0;
    explorations++;
    states += result.states;
    for (const each of hardware) {
      const refused = whyNot(each, asked);
      if ((refused === null) !== does)
        differences.push({ hardware: each, refused, found: result.trace?.violation ?? result.verdict });
    }
  }
  return { descriptions, works, explorations, states, differences };
}
