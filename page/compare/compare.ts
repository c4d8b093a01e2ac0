import { answerText } from '../../checker/render/told.ts';
import { callText } from '../../checker/render/values.ts';
import { resultText } from '../../checker/result-text.ts';
import type { Call } from '../../model/call.ts';
import type { Ground } from '../session/choice.ts';
import { beginWith, type Place, pathOf, type Session } from '../session/session.ts';

/** The same calls under two designs. */
export interface Comparison {
  readonly rows: readonly ComparedStep[];
  /** Number of the first step (from 1) that the two answer differently; null: they answer all alike. */
  readonly first: number | null;
  readonly left: Session;
  readonly right: Session;
}

export interface ComparedStep {
  readonly text: string;
  readonly actor: string;
  readonly left: Side;
  readonly right: Side;
  readonly differs: boolean;
}

/** What one design makes of a step. */
export interface Side {
  readonly ok: boolean;
  readonly answer: string;
  /** Ids of properties that it is the first to violate. */
  readonly violated: readonly string[];
}

/** Makes the calls under both; what follows the first difference is made all the same. */
export function compare(left: Ground, right: Ground, calls: readonly Call[]): Comparison {
  const [a, b] = [left, right].map((ground) => beginWith(ground, calls)) as [Session, Session];
  const [pathA, pathB] = [pathOf(a), pathOf(b)];
  const rows = calls.map((call, at): ComparedStep => {
    const [here, there] = [pathA[at + 1], pathB[at + 1]] as [Place, Place];
    return {
      text: callText(call),
      actor: call.actor,
      left: sideOf(call, here),
      right: sideOf(call, there),
      differs: answerOf(here) !== answerOf(there),
    };
  });
  const at = rows.findIndex(({ differs }) => differs);
  return { rows, first: at < 0 ? null : at + 1, left: a, right: b };
}

function answerOf({ step }: Place): string {
  return step === null ? '' : resultText(step.done.result);
}

function sideOf(call: Call, { step, violated }: Place): Side {
  const result = step?.done.result;
  return {
    ok: result?.ok === true,
    answer: result === undefined ? '' : answerText(call, result),
    violated: violated.map(({ property }) => property.id),
  };
}
