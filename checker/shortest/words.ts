import type { Bound, Guarantee, Trace } from '../trace/trace.ts';

const ALPHABETS: Readonly<Record<Bound['alphabet'], string>> = {
  explored: 'all that exploration tries on this scope, and its own commands on any objects',
  own: 'its own commands, in any order and number and on any objects',
};

const MINIMAL =
  'no single command can be left out, and no argument made simpler, so that it is still violated';

/** What a trace's guarantee means, in words: what was compared with it, and how far. */
export function guaranteeWords(
  guarantee: Guarantee,
  { steps, bound }: Pick<Trace, 'steps' | 'bound'>,
): string {
  const of = bound === undefined ? 'all that exploration tries on this scope' : ALPHABETS[bound.alphabet];
  if (guarantee === 'shortest')
    return steps.length === 1
      ? 'without any command the property holds'
      : `no sequence of fewer commands violates the property, as exhaustive search showed among ${of}`;
  if (bound === undefined || bound.depth === 0) return MINIMAL;
  const commands = bound.depth === 1 ? 'command' : 'commands';
  return `${MINIMAL}; no sequence of up to ${bound.depth} ${commands} violates it, as exhaustive search showed among ${of}`;
}
