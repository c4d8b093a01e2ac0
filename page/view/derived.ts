import type { ToldStep } from '../../checker/render/told.ts';
import { type Leaf, leavesOf } from '../delta/leaves.ts';
import { type Sequence, sequenceOf } from '../diagram/sequence.ts';
import { type Place, pathOf, placeOf, type Session, wayTo } from '../session/session.ts';
import { type ToldWay, toldWay } from '../session/told.ts';
import { type Laid, laidOut } from '../world/layout.ts';
import { type Part, partsOf } from '../world/parts.ts';
import { marked } from '../world/picture.ts';
import { sketchOf } from '../world/sketch.ts';

/*
 * What the views of a run draw. Each is made once for what it is made of.
 */

/** Remembers the last that was made, and by what. */
function remembering<K extends readonly unknown[], V>(make: (...key: K) => V): (...key: K) => V {
  let last: { readonly key: K; readonly value: V } | null = null;
  return (...key) => {
    if (last === null || key.some((part, at) => part !== last?.key[at])) last = { key, value: make(...key) };
    return last.value;
  };
}

const toldTo = remembering(
  (places: Session['places'], tip: number): ToldWay => toldWay(wayTo({ places } as Session, tip)),
);

/** Every step that is shown, told. */
export function toldPath({ places, tip }: Session): readonly ToldStep[] {
  return toldTo(places, tip).steps;
}

const sequence = remembering(
  (told: readonly ToldStep[], open: ReadonlySet<number>): Sequence => sequenceOf(told, open),
);

export function sequenceShown(session: Session, open: ReadonlySet<number>): Sequence {
  return sequence(toldPath(session), open);
}

/** Numbers of steps at which something is first violated. */
export function violatedSteps(session: Session): ReadonlySet<number> {
  return new Set(pathOf(session).flatMap((place) => (place.violated.length === 0 ? [] : [place.depth])));
}

/** A place, the one before, and what objects are called there. */
interface Here {
  readonly place: Place;
  readonly before: Place | null;
  readonly told: ToldWay;
}

function hereOf(places: Session['places'], at: number): Here {
  const way = wayTo({ places } as Session, at);
  return { place: placeOf({ places, at } as Session), before: way.at(-2) ?? null, told: toldWay(way) };
}

const hereAt = remembering(hereOf);

export function here({ places, at }: Session): Here {
  return hereAt(places, at);
}

const layouts = new WeakMap<Place, Laid>();

/** The world at a place as it is drawn: laid out once, which takes longer than all else of a step. */
function laidAt({ place, before, told }: Here): Laid {
  let laid = layouts.get(place);
  if (laid === undefined) {
    const now = sketchOf(place.world, told.names);
    laid = laidOut(marked(before === null ? null : sketchOf(before.world, told.names), now));
    layouts.set(place, laid);
  }
  return laid;
}

/** The world as it is drawn. */
export function worldShown(session: Session): Laid {
  return laidAt(here(session));
}

/** Lays out every place that is shown, one at a time, so that the steps between them are quick. */
export function* layAll(session: Session): Generator<null> {
  for (const place of pathOf(session)) {
    laidAt(hereOf(session.places, place.id));
    yield null;
  }
}

const leaves = remembering(({ place, before, told }: Here): readonly Leaf[] =>
  before === null ? [] : leavesOf(before.world, place.world, told.names),
);

/** What the step changed. */
export function leavesShown(session: Session): readonly Leaf[] {
  return leaves(here(session));
}

const parts = remembering(({ place, before, told }: Here): readonly Part[] =>
  partsOf(before?.world ?? null, place.world, told.names),
);

/** The world as tables. */
export function partsShown(session: Session): readonly Part[] {
  return parts(here(session));
}
