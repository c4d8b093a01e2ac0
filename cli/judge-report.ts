import { oneLine, pathText } from '../checker/outside/text.ts';
import { wrap } from '../checker/render/layout.ts';
import type { Paint } from '../checker/render/paint.ts';
import { renderText } from '../checker/render/text.ts';
import { traceToJson } from '../checker/trace/encode.ts';
import { type Judgement, type Place, scopeOf } from '../conformance/index.ts';

/** What was looked at in a recording. */
export interface JudgedFile {
  readonly file: string;
  readonly place: Place;
  readonly judgements: readonly Judgement[];
}

/** Every violation with its least trace, whose last line names the recorded one; then one line on the rest. */
export function judgedText({ file, place, judgements }: JudgedFile, paint: Paint): string {
  const violated = judgements.filter(({ verdict }) => verdict === 'violated');
  const count = (verdict: Judgement['verdict']): number =>
    judgements.filter((each) => each.verdict === verdict).length;
  const parts = [`${violated.length} violated`, `${count('holds')} held`, `${count('unseen')} never came up`];
  return [
    ...violated.flatMap((each) => [...violationLines(file, place, each, paint), '']),
    `${pathText(file)}: ${parts.join(', ')}`,
    ...listed('violated', violated).map(paint.bad),
    ...listed(
      'held',
      judgements.filter(({ verdict }) => verdict === 'holds'),
    ),
  ].join('\n');
}

function violationLines(
  file: string,
  place: Place,
  { property, trace, violation, line }: Judgement,
  paint: Paint,
): readonly string[] {
  const where = line === null ? pathText(file) : `line ${line} of ${pathText(file)}`;
  const drawing = { scope: scopeOf(place), rules: place.rules, property };
  const drawn =
    trace === null
      ? wrap(`violates ${property.id}: ${property.sentence}`, 2).map(paint.bold)
      : [renderText(trace, drawing, paint)];
  // Numbers of objects are those of the recording there, and of the least trace above.
  const how = violation === null || violation === trace?.violation ? '' : `: ${oneLine(violation)}`;
  return [...drawn, ...wrap(`recorded at ${where}${how}`, 2).map(paint.bold)];
}

function listed(what: string, judgements: readonly Judgement[]): readonly string[] {
  if (judgements.length === 0) return [];
  return wrap(`  ${what}: ${judgements.map(({ property }) => property.id).join(', ')}`, 4);
}

/** The same for programs. */
export function judgedJson({ judgements }: JudgedFile): readonly object[] {
  return judgements.map(({ property, verdict, line, violation, trace }) => ({
    id: property.id,
    verdict: verdict === 'unseen' ? 'vacuous' : verdict,
    line,
    violation,
    ...(trace === null ? {} : { trace: traceToJson(trace) }),
  }));
}
