import type { Errno } from '../../spec/errno.ts';
import type { Transition, Violation } from '../property.ts';

/**
 * What documents say that a call is answered: the errno of the first reason against it, in the order in which the kernel documents and
 * checks them; or that it is done, what it gives back, and what must be so behind it. Null: nobody says.
 */
export type Answer = {
  readonly errno: Errno | null;
  /** Kernels differ: this one is as good. */
  readonly or?: Errno;
  /** A driver, or a lack of numbers, may speak against it too, with whatever errno: the documented reasons are a part only. */
  readonly mayBeRefused?: true;
  readonly out?: Out;
  readonly wrongIn?: (transition: Transition) => Violation;
} | null;

type Out = Readonly<Record<string, number | bigint | readonly bigint[]>>;

/** A refusal. */
export function refusal(errno: Errno): Answer {
  return { errno };
}

/** What is wrong in how a call was answered; null: nothing. */
export function wrongIn(transition: Transition, answer: Answer): Violation {
  if (answer === null) return null;
  const { command, result } = transition;
  const { errno } = answer;
  if (errno === null && !result.ok)
    return answer.mayBeRefused === true
      ? null
      : `${command.command} is refused with ${result.errno}, for which there is no reason`;
  if (errno !== null && result.ok)
    return `${command.command} is done, where it is to be refused with ${errno}`;
  const isKnown = result.ok || result.errno === errno || result.errno === answer.or || answer.mayBeRefused;
  if (errno !== null && !isKnown)
    return `${command.command} is refused with ${result.errno}, where ${errno} is documented`;
  for (const field in answer.out) {
    const expected = answer.out[field];
    const given = result.out[field];
    if (!isSame(given, expected))
      return `${command.command} gives ${field} ${given ?? 'nothing'}, where ${expected} is documented`;
  }
  return answer.wrongIn?.(transition) ?? null;
}

function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((each, at) => each === b[at]);
}
