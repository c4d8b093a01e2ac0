import { type Attempt, attempt } from '../../checker/attempt.ts';
import type { Found } from '../../checker/run.ts';
import { bootWorld } from '../../model/boot.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { World } from '../../model/world/world.ts';
import type { Property, Run, Transition } from '../../properties/property.ts';
import type { Ground } from './choice.ts';
import { judge, NOTHING_SAID, type Said, saidWith, violationAtEnd } from './judge.ts';
import { sameCall } from './same-call.ts';

/** A place in the tree of runs: the start, or what a call led to. */
export interface Place {
  /** Index among the places of its session. */
  readonly id: number;
  /** The place before; null: this is the start. */
  readonly parent: number | null;
  /** Calls made on the way here. */
  readonly depth: number;
  readonly step: Made | null;
  readonly world: World;
  readonly bindings: Bindings;
  /** First violated here; those of the whole run are looked at where it is the property that was asked for. */
  readonly violated: readonly Found[];
  /** Those that mean something here for the first time. */
  readonly witnessed: readonly Property[];
  /** With those before. */
  readonly said: Said;
}

/** A call that was made. */
export interface Made {
  readonly call: Call;
  readonly done: Attempt;
  readonly transition: Transition;
}

/**
 * Runs under one ground as a tree: where one was left for another, both are kept. Immutable. What is shown is the path
 * from the start to `tip`; `at` is the place on it that is looked at.
 */
export interface Session {
  readonly ground: Ground;
  /** The property that is looked at also where it is of whole runs; null: none. */
  readonly asked: Property | null;
  readonly places: readonly Place[];
  readonly at: number;
  readonly tip: number;
}

/** A session in which nothing has been done yet. */
export function begin(ground: Ground, asked: string | null = null): Session {
  const world = bootWorld(ground.scope.platform);
  const property = ground.properties.find(({ id }) => id === asked) ?? null;
  const run: Run = { initial: world, transitions: [] };
  const judgement = judge(ground.properties, run, null, NOTHING_SAID);
  const start: Place = {
    id: 0,
    parent: null,
    depth: 0,
    step: null,
    world,
    bindings: NO_BINDINGS,
    ...judgement,
    said: saidWith(NOTHING_SAID, judgement),
  };
  return { ground, asked: property, places: [start], at: 0, tip: 0 };
}

/** A session in which these calls were made one after the other; what is looked at is the last. */
export function beginWith(ground: Ground, calls: readonly Call[], asked: string | null = null): Session {
  return calls.reduce(take, begin(ground, asked));
}

/**
 * Makes a call where the session is. One that was made here before is not made again: its place is gone to.
 * @throws CommandError where the call is none.
 */
export function take(session: Session, call: Call): Session {
  const known = childrenOf(session, session.at).find(
    ({ step }) => step !== null && sameCall(step.call, call),
  );
  if (known !== undefined) return goTo(session, known.id);
  const from = placeAt(session, session.at);
  const command = resolveCall(call, from.bindings);
  const done = attempt(from.world, command, session.ground.rules);
  const transition: Transition = { before: from.world, command, ...done };
  const run = runTo(session, from);
  const here: Run = { initial: run.initial, transitions: [...run.transitions, transition] };
  const judgement = judge(session.ground.properties, here, transition, from.said);
  const violated = withAsked(session, here, from.said, judgement.violated);
  const place: Place = {
    id: session.places.length,
    parent: from.id,
    depth: from.depth + 1,
    step: { call, done, transition },
    world: done.world,
    bindings: bindResult(call, done.result, from.bindings),
    violated,
    witnessed: judgement.witnessed,
    said: saidWith(from.said, { violated, witnessed: judgement.witnessed }),
  };
  return { ...session, places: [...session.places, place], at: place.id, tip: place.id };
}

/** What is violated, and the property that was asked for, where a run that ended here would violate it as a whole. */
function withAsked(
  { asked, ground }: Session,
  run: Run,
  said: Said,
  violated: readonly Found[],
): readonly Found[] {
  if (asked === null || (asked.kind !== 'reachability' && asked.kind !== 'pair')) return violated;
  if (said.violated.has(asked.id)) return violated;
  const violation = violationAtEnd(asked, run, ground);
  return violation === null
    ? violated
    : [...violated, { property: asked, calls: run.transitions.length, violation }];
}

/** The same session one step back; what was done stays, to go forward to. */
export function undo(session: Session): Session {
  const { parent } = placeAt(session, session.at);
  return parent === null ? session : { ...session, at: parent };
}

/**
 * Takes back the last call that was taken: one step back, and where the path was left there, on that path again. The way
 * that was tried stays among the ways on from there.
 */
export function leaveBranch(session: Session): Session {
  const { parent } = placeOf(session);
  if (parent === null) return session;
  let tip = parent;
  for (let next = childrenOf(session, tip)[0]; next !== undefined; next = childrenOf(session, tip)[0])
    tip = next.id;
  return { ...session, at: parent, tip };
}

/** One step on along what is shown. */
export function redo(session: Session): Session {
  const path = pathOf(session);
  const next = path[path.findIndex(({ id }) => id === session.at) + 1];
  return next === undefined ? session : { ...session, at: next.id };
}

/** Looks at a place. Where it is not on the path that is shown, the path is then the longest way through it. */
export function goTo(session: Session, id: number): Session {
  if (session.places[id] === undefined) return session;
  if (pathOf(session).some((place) => place.id === id)) return { ...session, at: id };
  let tip = id;
  for (let next = childrenOf(session, tip).at(-1); next !== undefined; next = childrenOf(session, tip).at(-1))
    tip = next.id;
  return { ...session, at: id, tip };
}

/** The place after so many calls of what is shown, or its end. */
export function goToDepth(session: Session, depth: number): Session {
  const path = pathOf(session);
  const place = path[Math.min(Math.max(0, depth), path.length - 1)];
  return place === undefined ? session : { ...session, at: place.id };
}

export function placeAt({ places }: Session, id: number): Place {
  const place = places[id];
  if (place === undefined) throw new Error(`no place ${id}`);
  return place;
}

/** Where the session is. */
export function placeOf(session: Session): Place {
  return placeAt(session, session.at);
}

/** What was done at a place, in the order in which it was tried. */
export function childrenOf({ places }: Session, id: number): readonly Place[] {
  return places.filter(({ parent }) => parent === id);
}

/** From the start to a place. */
export function wayTo(session: Session, id: number): readonly Place[] {
  const way: Place[] = [];
  for (let at: number | null = id; at !== null; ) {
    const place = placeAt(session, at);
    way.push(place);
    at = place.parent;
  }
  return way.reverse();
}

/** What is shown: from the start to the tip. */
export function pathOf(session: Session): readonly Place[] {
  return wayTo(session, session.tip);
}

/** The calls of a way. */
export function callsOf(way: readonly Place[]): readonly Call[] {
  return way.flatMap(({ step }) => (step === null ? [] : [step.call]));
}

/** The run that leads to a place. */
export function runTo(session: Session, place: Place): Run {
  const way = wayTo(session, place.id);
  const [start] = way;
  return {
    initial: start === undefined ? place.world : start.world,
    transitions: way.flatMap(({ step }) => (step === null ? [] : [step.transition])),
  };
}
