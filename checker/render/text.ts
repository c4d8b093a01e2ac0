import type { Rules } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../properties/scopes/scope.ts';
import type { Trace } from '../trace/trace.ts';
import { clip, wrap } from './layout.ts';
import { type Paint, PLAIN } from './paint.ts';
import { tell } from './told.ts';

/** What a trace needs to be drawn: what its names stand for. */
export interface Drawing {
  readonly scope: Scope;
  readonly rules: Rules;
  /** The property that the trace violates, or null. */
  readonly property: Pick<Property, 'id' | 'sentence' | 'source'> | null;
}

/** How many changes of the world are listed under one step. */
const MAX_CHANGES = 12;

/**
 * A trace for a terminal or a mail, at most 100 columns wide: each step with its actor, command and answer, under it
 * what changed in the world; last the violated property and what it says.
 */
export function renderText(trace: Trace, drawing: Drawing, paint: Paint = PLAIN): string {
  const told = tell(drawing.scope, drawing.rules, trace.steps);
  const digits = String(told.length).length;
  const actors = Math.max(0, ...told.map(({ call }) => call.actor.length));
  const margin = digits + 2;
  const lines = [paint.dim(clip(headline(trace)))];
  told.forEach(({ call, text, answer, ok, changes }, index) => {
    const number = String(index + 1).padStart(digits);
    const arrow = `-> ${answer}`;
    const [first = '', ...rest] = wrap(
      `${number}  ${call.actor.padEnd(actors)}  ${text} ${arrow}`,
      margin + actors + 4,
    );
    for (const line of [first, ...rest]) lines.push(paintAnswer(line, arrow, ok, paint));
    for (const change of changes.slice(0, MAX_CHANGES)) {
      lines.push(paint.dim(clip(`${' '.repeat(margin + 2)}${change}`)));
    }
    if (changes.length > MAX_CHANGES)
      lines.push(paint.dim(`${' '.repeat(margin + 2)}… ${changes.length - MAX_CHANGES} more`));
  });
  return [...lines, ...verdictLines(trace, drawing, paint)].join('\n');
}

function headline(trace: Trace): string {
  const design = Object.entries(trace.design).map(([axis, value]) => `${axis}=${value}`);
  const defects = trace.defects.map((name) => `defect ${name}`);
  return [
    `scope ${trace.scope}`,
    ...design,
    ...defects,
    ...(trace.guarantee === null ? [] : [trace.guarantee]),
  ].join(', ');
}

function paintAnswer(line: string, arrow: string, ok: boolean, paint: Paint): string {
  const at = line.indexOf(arrow);
  if (at < 0) return line;
  return line.slice(0, at) + (ok ? paint.good(arrow) : paint.bad(arrow)) + line.slice(at + arrow.length);
}

function verdictLines(trace: Trace, { property }: Drawing, paint: Paint): readonly string[] {
  if (trace.property === null) return ['violates no property'];
  const sentence = property === null ? '' : ` ${property.sentence}`;
  return [
    ...wrap(`violates ${trace.property}:${sentence}`, 2).map(paint.bold),
    ...wrap(`  ${trace.violation}`, 4).map(paint.bad),
  ];
}
