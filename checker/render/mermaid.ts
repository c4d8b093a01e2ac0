import type { Call } from '../../model/call.ts';
import { printable } from '../outside/text.ts';
import type { Trace } from '../trace/trace.ts';
import type { ToldEffect } from './effects.ts';
import { actorOf, ORDER, type Participant, partyOf, targetOf } from './participants.ts';
import type { Drawing } from './text.ts';
import { type ToldStep, tell } from './told.ts';

/** Arrows that a diagram can have at the width of a page and still be read. */
const MOST_ARROWS = 15;

/** A trace as a Mermaid sequence diagram: who did what to whom; as much of it folded as takes it down to 15 arrows. */
export function renderMermaid(trace: Trace, drawing: Drawing): string {
  const told = tell(drawing.scope, drawing.rules, trace.steps);
  let drawn = draw(told, FOLDS[0]);
  for (const fold of FOLDS.slice(1)) {
    if (arrowsOf(drawn) <= MOST_ARROWS) break;
    drawn = draw(told, fold);
  }
  const { occurring } = drawn;
  const lines = withoutFirst(drawn);
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

/** What is folded. */
interface Fold {
  /** Calls that a step made a VMM make, and answers that say nothing. */
  readonly effects: boolean;
  /** Steps in a row: of one VMM, or of any actor. */
  readonly steps: 'none' | 'vmm' | 'all';
  /** Stores and commands of a driver in a row, and what steps before the last gave. */
  readonly driver: boolean;
}

const FOLDS: readonly [Fold, ...Fold[]] = [
  { effects: false, steps: 'none', driver: false },
  { effects: true, steps: 'none', driver: false },
  { effects: true, steps: 'vmm', driver: false },
  { effects: true, steps: 'all', driver: false },
  { effects: true, steps: 'all', driver: true },
];

/** Lines that one arrow of folded stores and commands has. */
const LINES_AN_ARROW = 5;

function isArrow(line: string): boolean {
  return /^\w+(?:->>|-->>|--x)/.test(line);
}

function arrowsOf({ lines }: Drawn): number {
  return lines.filter(isArrow).length;
}

/** The lines from the first on with which the diagram has no more than its arrows; a note counts those before. */
function withoutFirst(drawn: Drawn): readonly string[] {
  const { lines, occurring } = drawn;
  const tooMany = arrowsOf(drawn) - MOST_ARROWS;
  const [some] = occurring.keys();
  if (tooMany <= 0 || some === undefined) return lines;
  let left = tooMany;
  const from = lines.findIndex((line) => isArrow(line) && left-- === 0);
  return [`Note over ${some}: ${tooMany} messages before are left out`, ...lines.slice(from)];
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
    const isLast = end === told.length;
    if (first !== undefined)
      lines.push(...(row.length > 1 ? rowLines(first, row, by) : stepLines(first, by, fold, isLast)));
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

function stepLines(step: ToldStep, by: By, fold: Fold, isLast: boolean): readonly string[] {
  const { call, text, answer, ok, effects } = step;
  const from = actorOf(call.actor);
  const to = targetOf(call);
  const saysNothing = (fold.effects && answer === 'ok') || (fold.driver && ok && !isLast);
  const isTold = from.role !== 'device' && !saysNothing;
  const back = isTold ? [`${by(to)}${ok ? '-->>' : '--x'}${by(from)}: ${escaped(answer)}`] : [];
  const calls = fold.effects ? foldedCalls(effects) : effects;
  const between = fold.driver ? foldedWrites(calls) : calls;
  return [
    `${by(from)}->>${by(to)}: ${escaped(text)}`,
    ...between.flatMap((effect) => effectLines(effect, call, by)),
    ...back,
  ];
}

/** Calls in a row from one to another become one message that names them. */
function foldedCalls(effects: readonly ToldEffect[]): readonly ToldEffect[] {
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

/** Messages in a row from one to another that want no answer: one with a line for each thing that is written, and how often. */
function foldedWrites(effects: readonly ToldEffect[]): readonly ToldEffect[] {
  const folded: ToldEffect[] = [];
  for (let at = 0; at < effects.length; ) {
    const first = effects[at];
    let end = at + 1;
    while (end < effects.length && isWriteAfter(first, effects[end])) end++;
    const row = effects.slice(at, end);
    if (first?.kind === 'message' && row.length > 1) {
      const lines = counted(row.map(subjectOf));
      for (let line = 0; line < lines.length; line += LINES_AN_ARROW)
        folded.push({ ...first, text: lines.slice(line, line + LINES_AN_ARROW).join('\n') });
    } else folded.push(...row);
    at = end;
  }
  return folded;
}

function isWriteAfter(first: ToldEffect | undefined, next: ToldEffect | undefined): boolean {
  return (
    first?.kind === 'message' &&
    next?.kind === 'message' &&
    first.answer === null &&
    next.answer === null &&
    first.from === next.from &&
    first.to === next.to
  );
}

/** What is written or commanded, without the values. */
function subjectOf({ text }: ToldEffect): string {
  return text.replaceAll(/\{[^{}]*\}/g, '').replace(/:(?: 0x[\da-f]+)+$/, '');
}

/** Each text with how often it stands in a row. */
function counted(texts: readonly string[]): readonly string[] {
  const rows: { text: string; times: number }[] = [];
  for (const text of texts) {
    const last = rows.at(-1);
    if (last?.text === text) last.times++;
    else rows.push({ text, times: 1 });
  }
  return rows.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
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

/** Text with the characters that mean something to Mermaid as it wants them written. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll(/[#;<>]/g, (char) => `#${char.codePointAt(0)};`)
    .replaceAll('\n', '<br/>');
}
