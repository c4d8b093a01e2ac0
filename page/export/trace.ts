import type { Drawing } from '../../checker/render/text.ts';
import { type Guarantee, TRACE_FORMAT, type Trace, type TraceStep } from '../../checker/trace/trace.ts';
import { placeOf, type Session, wayTo } from '../session/session.ts';

/**
 * The run up to where the session is, as a trace: with the violation where its last call is the first that violates
 * something. `guarantee`: what is known of its length; null: nothing.
 */
export function traceOf(session: Session, guarantee: Guarantee | null = null): Trace {
  const { ground } = session;
  const place = placeOf(session);
  const found =
    place.violated.find(({ property }) => property === session.asked) ?? place.violated[0] ?? null;
  const steps = wayTo(session, place.id).flatMap(({ step }): readonly TraceStep[] =>
    step === null ? [] : [{ ...step.call, result: step.done.result }],
  );
  return {
    format: TRACE_FORMAT,
    scope: ground.scope.name,
    ...(ground.scope.changes === undefined ? {} : { platform: ground.scope.changes }),
    design: ground.design,
    defects: ground.defects,
    property: found?.property.id ?? null,
    guarantee: found === null ? null : guarantee,
    steps,
    violation: found?.violation ?? null,
  };
}

/** What the trace of a session needs to be drawn. */
export function drawingOf({ ground }: Session, trace: Trace): Drawing {
  const property = ground.properties.find(({ id }) => id === trace.property) ?? null;
  return { scope: ground.scope, rules: ground.rules, property };
}
