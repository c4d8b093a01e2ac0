import type { Call } from '../../model/call.ts';
import { printable } from '../outside/text.ts';
import type { Trace } from '../trace/trace.ts';
import type { ToldEffect } from './effects.ts';
import { actorOf, ORDER, type Participant, partyOf, targetOf } from './participants.ts';
import type { Drawing } from './text.ts';
import { type ToldStep, tell } from './told.ts';

/** Arrows that a diagram can have at the width of a page and still be read. */
const MOST_ARROWS = 15;

/** A trace as a Mermaid sequence diagram: who did what to whom; as much of it folded as takes it down to some 15 arrows. */
export function renderMermaid(trace: Trace, drawing: Drawing): string {
  const told = tell(drawing.scope, drawing.rules, trace.steps);
  let drawn = draw(told, FOLDS[0]);
  for (const fold of FOLDS.slice(1)) {
    if (drawn.lines.filter(isArrow).length <= MOST_ARROWS) break;
    drawn = draw(told, fold);
  }
  const { lines, occurring } = drawn;
  const all = [...occurring].sort(([, a], [, b]) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
  const participants = all.map(([id, { role, which }]) => {
    return `participant ${id} as ${escaped(which === '' ? role : `${role} ${which}`)}`;
  });
  const [first, last] = [all[0]?.[0], all.at(-1)?.[0]];
  const over = first === undefined || last === undefined || first === last ? first : `${first},${last}`;
  const note =
    trace.violation !== null && over !== undefined
      ? [`Note over ${over}: ${escaped(`${trace.property}: ${trace.violation}`)}`]
      : [];
  return ['sequenceDiagram', ...participants, ...lines, ...note].join('\n  ');
}

/** How much is folded: calls that a step made a VMM make, and answers that say nothing; calls of one VMM in a row; steps of one actor in a row. */
interface Fold {
  readonly effects: boolean;
  readonly steps: 'none' | 'vmm' | 'all';
}

const FOLDS: readonly [Fold, ...Fold[]] = [
  { effects: false, steps: 'none' },
  { effects: true, steps: 'none' },
  { effects: true, steps: 'vmm' },
  { effects: true, steps: 'all' },
];

function isArrow(line: string): boolean {
  return /^\w+(?:->>|-->>|--x)/.test(line);
}

type By = (participant: Participant) => string;

interface Drawn {
  readonly lines: readonly string[];
  readonly occurring: ReadonlyMap<string, Participant>;
}

function draw(told: readonly ToldStep[], fold: Fold): Drawn {
  const occurring = new Map<string, Participant>();
  const by: By = (participant) => {
    const id = participant.role + participant.which.replaceAll(/\W/g, '_');
    occurring.set(id, participant);
    return id;
  };
  const lines: string[] = [];
  for (let at = 0; at < told.length; ) {
    const end = endOfRow(told, at, fold);
    const row = told.slice(at, end);
    const [first] = row;
    if (first !== undefined)
      lines.push(...(row.length > 1 ? rowLines(first, row, by) : stepLines(first, by, fold)));
    at = end;
  }
  return { lines, occurring };
}

/** Behind the last of the steps that are drawn as one; the last step of all stands alone. */
function endOfRow(told: readonly ToldStep[], at: number, { steps }: Fold): number {
  const actor = told[at]?.call.actor ?? '';
  if (steps === 'none' || (steps === 'vmm' && !actor.startsWith('vmm:'))) return at + 1;
  let end = at + 1;
  while (end < told.length - 1 && told[end]?.call.actor === actor) end++;
  return Math.min(end, Math.max(at + 1, told.length - 1));
}

/** Steps of one actor in a row, by name. */
function rowLines(first: ToldStep, row: readonly ToldStep[], by: By): readonly string[] {
  const names = row.map(({ call, ok, answer }) => (ok ? call.command : `${call.command} (${answer})`));
  return [`${by(actorOf(first.call.actor))}->>${by(targetOf(first.call))}: ${escaped(names.join(', '))}`];
}

function stepLines({ call, text, answer, ok, effects }: ToldStep, by: By, fold: Fold): readonly string[] {
  const from = actorOf(call.actor);
  const to = targetOf(call);
  const isTold = from.role !== 'device' && !(fold.effects && answer === 'ok');
  const back = isTold ? [`${by(to)}${ok ? '-->>' : '--x'}${by(from)}: ${escaped(answer)}`] : [];
  const between = fold.effects ? foldedEffects(effects) : effects;
  return [
    `${by(from)}->>${by(to)}: ${escaped(text)}`,
    ...between.flatMap((effect) => effectLines(effect, call, by)),
    ...back,
  ];
}

/** Calls in a row from one to another become one message that names them. */
function foldedEffects(effects: readonly ToldEffect[]): readonly ToldEffect[] {
  const folded: ToldEffect[] = [];
  for (const effect of effects) {
    const last = folded.at(-1);
    if (effect.kind === 'message' && effect.answer !== null) {
      const name = effect.text.split('(', 1)[0] ?? '';
      const text = effect.answer.ok ? name : `${name} (${effect.answer.text})`;
      if (
        last?.kind === 'message' &&
        last.from === effect.from &&
        last.to === effect.to &&
        last.answer === null
      )
        folded[folded.length - 1] = { ...last, text: `${last.text}, ${text}` };
      else folded.push({ ...effect, text, answer: null });
    } else folded.push(effect);
  }
  return folded;
}

function effectLines(effect: ToldEffect, call: Call, by: By): readonly string[] {
  if (effect.kind === 'remark') return [`Note over ${by(targetOf(call))}: ${escaped(effect.text)}`];
  const { from, to, text, answer } = effect;
  const [source, target] = [by(partyOf(from)), by(partyOf(to))];
  const line = `${source}->>${target}: ${escaped(text)}`;
  return answer === null
    ? [line]
    : [line, `${target}${answer.ok ? '-->>' : '--x'}${source}: ${escaped(answer.text)}`];
}

/** Text in one line, with the characters that mean something to Mermaid as it wants them written. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll('\n', ' ')
    .replaceAll(/[#;<>]/g, (char) => `#${char.codePointAt(0)};`);
}
