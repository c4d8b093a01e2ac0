import { clipped } from '../../checker/outside/text.ts';
import type { ToldEffect } from '../../checker/render/effects.ts';
import { actorOf, ORDER, type Participant, partyOf, targetOf } from '../../checker/render/participants.ts';
import type { ToldStep } from '../../checker/render/told.ts';

/** A sequence diagram: who takes part, and what each step says to whom. Places and sizes in pixels. */
export interface Sequence {
  readonly width: number;
  readonly height: number;
  readonly lifelines: readonly Lifeline[];
  readonly steps: readonly SequenceStep[];
}

export interface Lifeline {
  readonly id: string;
  readonly lines: readonly string[];
  readonly x: number;
}

/** What a step looks like: a band with an arrow for the call, and arrows and remarks for what it made others do. */
export interface SequenceStep {
  /** From 1. */
  readonly number: number;
  readonly y: number;
  readonly height: number;
  readonly arrows: readonly Arrow[];
  /** How many effects are not drawn, since the step is folded. */
  readonly folded: number;
  readonly ok: boolean;
}

export interface Arrow {
  readonly kind: 'call' | 'answer' | 'effect' | 'remark';
  readonly from: number;
  readonly to: number;
  readonly y: number;
  /** In lines that fit, cut where there would be too many; `whole` is all of it. */
  readonly lines: readonly string[];
  readonly whole: string;
  readonly ok: boolean;
}

/** Between two lifelines, at least; where there are few, they stand further apart, up to the usual width. */
const LANE = 132;
const WIDTH = 580;
const MARGIN = 72;
/** Room for the numbers of steps. */
const LEFT = 28;
const HEAD = 46;
const LINE = 13;
const GAP = 9;
const PAD = 7;
const MOST_LINES = 3;
/** Pixels of a character of the diagram's fixed-width letters. */
const CHARACTER = 6.7;

/**
 * Lays a run out. Steps in `open` show every effect; of the others those that a reader would miss are counted.
 */
export function sequenceOf(told: readonly ToldStep[], open: ReadonlySet<number>): Sequence {
  const participants = participantsOf(told, open);
  const gaps = Math.max(1, participants.length - 1);
  const lane = Math.max(LANE, (WIDTH - LEFT - 2 * MARGIN) / gaps);
  const places = new Map(participants.map(([id], index) => [id, LEFT + MARGIN + index * lane]));
  const x = (participant: Participant): number => places.get(idOf(participant)) ?? LEFT + MARGIN;
  const width = LEFT + 2 * MARGIN + gaps * lane;
  let y = HEAD;
  const steps = told.map((step, index): SequenceStep => {
    const top = y;
    const drawn = arrowsOf(step, open.has(index + 1), x, width);
    let at = top + PAD;
    const arrows = drawn.map((arrow): Arrow => {
      // The text stands on the arrow.
      at += arrow.lines.length * LINE + GAP;
      return { ...arrow, y: at - GAP / 2 };
    });
    const height = at - top + PAD;
    y += height;
    const folded = open.has(index + 1) ? 0 : step.effects.length;
    return { number: index + 1, y: top, height, arrows, folded, ok: step.ok };
  });
  return {
    width,
    height: y + PAD,
    lifelines: participants.map(([id, participant]) => ({
      id,
      lines: participant.which === '' ? [participant.role] : [participant.role, participant.which],
      x: places.get(id) ?? 0,
    })),
    steps,
  };
}

function idOf({ role, which }: Participant): string {
  return `${role} ${which}`;
}

/** Everybody who is drawn, from left to right as people draw them. */
function participantsOf(
  told: readonly ToldStep[],
  open: ReadonlySet<number>,
): readonly (readonly [string, Participant])[] {
  const all = new Map<string, Participant>();
  const add = (participant: Participant): void => {
    all.set(idOf(participant), participant);
  };
  for (const [index, { call, effects }] of told.entries()) {
    add(actorOf(call.actor));
    add(targetOf(call));
    if (!open.has(index + 1)) continue;
    for (const effect of effects) {
      if (effect.kind === 'remark') continue;
      add(partyOf(effect.from));
      add(partyOf(effect.to));
    }
  }
  return [...all].sort(([, a], [, b]) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
}

type Unplaced = Omit<Arrow, 'y'>;

function arrowsOf(
  { call, text, answer, ok, effects }: ToldStep,
  isOpen: boolean,
  x: (participant: Participant) => number,
  width: number,
): readonly Unplaced[] {
  const [from, to] = [x(actorOf(call.actor)), x(targetOf(call))];
  const arrow = (kind: Arrow['kind'], a: number, b: number, whole: string, fine: boolean): Unplaced => {
    return { kind, from: a, to: b, lines: fitted(whole, roomOf(a, b, width)), whole, ok: fine };
  };
  const between = isOpen ? effects.flatMap((effect) => effectArrows(effect, to, x, arrow)) : [];
  const isSilent = answer === 'ok';
  const back = isSilent ? [] : [arrow('answer', to, from, answer, ok)];
  return [arrow('call', from, to, text, ok), ...between, ...back];
}

function effectArrows(
  effect: ToldEffect,
  over: number,
  x: (participant: Participant) => number,
  arrow: (kind: Arrow['kind'], a: number, b: number, whole: string, fine: boolean) => Unplaced,
): readonly Unplaced[] {
  if (effect.kind === 'remark') return [arrow('remark', over, over, effect.text, true)];
  const [from, to] = [x(partyOf(effect.from)), x(partyOf(effect.to))];
  const { answer } = effect;
  const text = answer === null ? effect.text : `${effect.text} -> ${answer.text}`;
  return [arrow('effect', from, to, text, answer?.ok !== false)];
}

/** Pixels for a text over an arrow: the arrow's own width; where that is little, up to the edge. */
function roomOf(a: number, b: number, width: number): number {
  const own = Math.abs(a - b);
  if (own >= 2 * LANE) return own - 16;
  const middle = (a + b) / 2;
  return Math.max(own, Math.min(2.4 * LANE, 2 * Math.min(middle, width - middle))) - 12;
}

/** A text in a few lines, broken behind spaces. */
function fitted(text: string, room: number): readonly string[] {
  const most = Math.max(12, Math.floor(room / CHARACTER));
  const lines: string[] = [];
  let rest = text;
  while (rest.length > most && lines.length < MOST_LINES - 1) {
    const space = rest.lastIndexOf(' ', most);
    const cut = space > 0 ? space : most;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, clipped(rest, most)];
}
