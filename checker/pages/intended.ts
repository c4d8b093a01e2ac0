import { intended } from '../../model/rules.ts';
import type { Drawing } from '../render/text.ts';
import { type ToldStep, tell } from '../render/told.ts';
import type { Trace } from '../trace/trace.ts';
import { code, table } from './markdown.ts';

/**
 * Where the same commands first go another way under the intended rules, in Markdown: the answer, or else what the
 * command did beyond it. Null where all goes the same way.
 */
export function intendedText({ steps }: Trace, { scope, rules }: Drawing): string | null {
  const here = tell(scope, rules, steps);
  const there = tell(scope, intended, steps);
  for (const [index, step] of here.entries()) {
    const other = there[index];
    if (other === undefined) continue;
    const rows = differences(step, other);
    if (rows.length === 0) continue;
    const head = `Step ${index + 1}, ${code(step.call.command)}, is the first that goes another way:`;
    return `${head}\n\n${table([['here', 'under the intended rules'], ...rows])}`;
  }
  return null;
}

function differences(here: ToldStep, there: ToldStep): readonly (readonly [string, string])[] {
  if (here.answer !== there.answer) return [[code(here.answer), code(there.answer)]];
  const [mine, theirs] = [doneBy(here), doneBy(there)];
  return [
    ...mine.filter((each) => !theirs.includes(each)).map((each) => [code(each), ''] as const),
    ...theirs.filter((each) => !mine.includes(each)).map((each) => ['', code(each)] as const),
  ];
}

/** What a step did beyond its answer. */
function doneBy({ effects, changes }: ToldStep): readonly string[] {
  const told = effects.map((effect) => {
    if (effect.kind === 'remark') return effect.text;
    const { from, to, text, answer } = effect;
    return `${from} => ${to}: ${text}${answer === null ? '' : ` -> ${answer.text}`}`;
  });
  return [...told, ...changes];
}
