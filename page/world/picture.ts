import { sameState } from '../../model/world/equal.ts';

/** The world as engineers draw it: boxes with references between them. */
export interface Picture {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Reference[];
  /** Devices with which nothing has been done, and which are therefore not drawn. */
  readonly idle: readonly string[];
}

/** What a box stands for; boxes of a kind look alike. */
export type BoxKind =
  | 'psmmu'
  | 'device'
  | 'ioas'
  | 'hwpt'
  | 'nested'
  | 'viommu'
  | 'vdevice'
  | 'queue'
  | 'vm'
  | 'vsmmu'
  | 'container'
  | 'group';

export type Mark = 'same' | 'new' | 'changed' | 'gone';

export interface Box {
  readonly id: string;
  readonly kind: BoxKind;
  readonly title: string;
  readonly lines: readonly string[];
  readonly mark: Mark;
}

/** A reference, an attachment, or what is behind what. */
export interface Reference {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly mark: Mark;
}

/** A drawing of one world, as yet without a word on what changed. */
export interface Sketch {
  readonly boxes: readonly Omit<Box, 'mark'>[];
  readonly arrows: readonly Omit<Reference, 'mark'>[];
  readonly idle: readonly string[];
}

/** Two drawings in one: what is as it was, what came, what went. */
export function marked(before: Sketch | null, now: Sketch): Picture {
  if (before === null) {
    return {
      boxes: now.boxes.map((box) => ({ ...box, mark: 'same' })),
      arrows: now.arrows.map((arrow) => ({ ...arrow, mark: 'same' })),
      idle: now.idle,
    };
  }
  const old = new Map(before.boxes.map((box) => [box.id, box]));
  const present = new Set(now.boxes.map(({ id }) => id));
  const boxes = now.boxes.map((box): Box => {
    const was = old.get(box.id);
    return { ...box, mark: was === undefined ? 'new' : sameState(was, box) ? 'same' : 'changed' };
  });
  const gone = before.boxes
    .filter(({ id }) => !present.has(id))
    .map((box): Box => ({ ...box, mark: 'gone' }));
  const keyOf = ({ from, to, label }: Omit<Reference, 'mark'>): string => `${from} ${to} ${label}`;
  const oldKeys = new Set(before.arrows.map(keyOf));
  const nowKeys = new Set(now.arrows.map(keyOf));
  return {
    boxes: [...boxes, ...gone],
    arrows: [
      ...now.arrows.map(
        (arrow): Reference => ({ ...arrow, mark: oldKeys.has(keyOf(arrow)) ? 'same' : 'new' }),
      ),
      ...before.arrows
        .filter((arrow) => !nowKeys.has(keyOf(arrow)))
        .map((arrow): Reference => ({ ...arrow, mark: 'gone' })),
    ],
    idle: now.idle,
  };
}
