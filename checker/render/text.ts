import type { Call } from '../../model/call.ts';
import type { Rules } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import { changesText } from '../../workload/scopes/platform-changes.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { expectAwaited } from '../select/awaited.ts';
import type { Trace } from '../trace/trace.ts';
import type { ToldEffect } from './effects.ts';
import { clip, WIDTH, wrap } from './layout.ts';
import { type Paint, PLAIN } from './paint.ts';
import { type ToldStep, tell } from './told.ts';
import { underWords } from './under.ts';

/** What a trace needs to be drawn: what its names stand for. */
export interface Drawing {
  readonly scope: Scope;
  readonly rules: Rules;
  /** The property that the trace violates, or null. */
  readonly property: Pick<Property, 'id' | 'sentence' | 'source' | 'wish'> | null;
}

/** The widest column of actors; what is longer makes only its own line longer. */
const ACTOR_COLUMN = 32;

/** How much is told of what a step changed in the world. */
export interface Detail {
  /** Changes listed under one step. */
  readonly changes: number;
  /** What becomes of a line; `indent` is for what follows on the next. */
  readonly layOut: (line: string, indent: number) => readonly string[];
}

/** For a terminal or a mail. */
const BRIEF: Detail = { changes: 12, layOut: (line) => [clip(line)] };

/** Every change, however long. */
export const WHOLE: Detail = { changes: Number.POSITIVE_INFINITY, layOut: wrap };

/**
 * A trace for a terminal or a mail, at most 100 columns wide: each step with its actor, command and answer, under it
 * what changed in the world; last the violated property and what it says.
 */
export function renderText(
  trace: Trace,
  drawing: Drawing,
  paint: Paint = PLAIN,
  detail: Detail = BRIEF,
): string {
  return [...stepLines(trace, drawing, paint, detail), ...verdictLines(trace, drawing, paint)].join('\n');
}

/** The same without its last lines: for a trace that is not about a property. */
export function stepLines(
  trace: Trace,
  drawing: Omit<Drawing, 'property'>,
  paint: Paint = PLAIN,
  detail: Detail = BRIEF,
): readonly string[] {
  expectAwaited(trace, 'a trace', 'readTraceFile(…)');
  const told = tell(drawing.scope, drawing.rules, trace.steps);
  const steps = told.flatMap((step, index) => toldLines(step, index, columnsOf(trace.steps), paint, detail));
  return [...wrap(headline(trace), 2).map(paint.dim), ...steps];
}

/** How wide numbers and actors of these calls are. */
export interface Columns {
  readonly digits: number;
  readonly actors: number;
}

export function columnsOf(calls: readonly Call[]): Columns {
  const actors = calls.reduce((widest, { actor }) => Math.max(widest, actor.length), 0);
  return { digits: String(calls.length).length, actors: Math.min(actors, ACTOR_COLUMN) };
}

/** One step: the call with its answer, what it made others do, what changed. */
export function toldLines(
  step: ToldStep,
  index: number,
  { digits, actors }: Columns,
  paint: Paint,
  detail: Detail = BRIEF,
): readonly string[] {
  const head = `${String(index + 1).padStart(digits)}  ${step.call.actor.padEnd(actors)}  `;
  const margin = ' '.repeat(digits + 4);
  return [
    ...callLines(head, step, paint),
    ...step.effects.flatMap((effect) => effectLines(margin, effect)),
    ...changeLines(margin, step, paint, detail),
  ];
}

/** The call, and its answer behind it or, where there is no room, on lines of its own. */
function callLines(head: string, { text, answer, ok }: ToldStep, paint: Paint): readonly string[] {
  const tone = ok ? paint.good : paint.bad;
  const indent = head.length + 2;
  const lines = wrap(head + text, indent);
  const last = lines.at(-1) ?? '';
  const arrow = `-> ${answer}`;
  if (last.length + 1 + arrow.length <= WIDTH) return [...lines.slice(0, -1), `${last} ${tone(arrow)}`];
  return [...lines, ...wrap(' '.repeat(indent) + arrow, indent + 3).map(tone)];
}

/** What the command made others do. */
function effectLines(margin: string, effect: ToldEffect): readonly string[] {
  if (effect.kind === 'remark') return wrap(margin + effect.text, margin.length + 2);
  const answer = effect.answer === null ? '' : ` -> ${effect.answer.text}`;
  return wrap(`${margin}${effect.from} => ${effect.to}: ${effect.text}${answer}`, margin.length + 2);
}

/** What changed in the world. */
function changeLines(
  margin: string,
  { changes }: ToldStep,
  paint: Paint,
  { changes: most, layOut }: Detail,
): readonly string[] {
  const lines = changes.slice(0, most).flatMap((change) => layOut(margin + change, margin.length + 4));
  if (changes.length > most) lines.push(`${margin}… ${changes.length - most} more`);
  return lines.map(paint.dim);
}

function headline(trace: Trace): string {
  return [
    `scope ${trace.scope}`,
    ...changesText(trace.platform),
    ...underWords(trace),
    ...(trace.guarantee === null ? [] : [trace.guarantee]),
  ].join(', ');
}

function verdictLines(trace: Trace, { property }: Drawing, paint: Paint): readonly string[] {
  if (trace.property === null) return ['violates no property'];
  const sentence = property === null ? '' : ` ${property.sentence}`;
  return [
    ...wrap(`${property?.wish === true ? 'costs' : 'violates'} ${trace.property}:${sentence}`, 2).map(
      paint.bold,
    ),
    ...wrap(`  ${trace.violation}`, 4).map(paint.bad),
  ];
}
